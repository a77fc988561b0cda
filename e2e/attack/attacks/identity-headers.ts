import type { Attack } from '../attack.ts';
import { identityOf } from '../jwt.ts';
import { eachOf, requestText, sendBytes } from '../raw.ts';
import type { Target } from '../target.ts';

/** Headers by which servers have been told who is calling, or what is being called. */
const names = [
  ...['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Preferred-Username', 'X-Auth-Request-User'],
  ...['X-User', 'X-User-Id', 'X-Remote-User', 'Remote-User', 'X-Authenticated-User', 'X-Webauth-User', 'X-Subject'],
  ...['X-Authorization', 'Proxy-Authorization', 'X-Access-Token', 'X-Api-Key', 'X-Jwt-Assertion', 'X-Identity'],
  ...['Authorization', 'authorization', 'AUTHORIZATION', 'Authorization ', 'X_Authorization', 'Authorization\t'],
];
const elsewhere = [
  ...['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Uri', 'X-Forwarded-Path', 'X-Forwarded-Prefix', 'X-Envoy-Path'],
];
const verbs = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Forwarded-Method', '_method'];
const hops = [
  ...['Authorization', 'Cookie', 'Origin', 'Sec-Fetch-Site', 'X-Forwarded-Method', 'X-Forwarded-Host'],
  ...[
    'X-Forwarded-For',
    'X-Forwarded-Uri',
    'X-Forwarded-Proto',
    'Host',
    'Content-Length',
    'keep-alive, Sec-Fetch-Site, Origin',
  ],
];

/** Headers make nobody somebody else, and hide from nobody where a request came from. */
export const identityHeaders: Attack = {
  name: 'identity-headers',
  promise: 'no header that a caller sends makes the caller somebody else',
  async run(target) {
    const attempts = [...asSomebodyElse(target), ...fromAnotherSite(target)];
    const faults: string[] = [];
    await eachOf(attempts, 4, async ({ what, bytes, refusals }) => {
      const { statuses } = await sendBytes(target.port, bytes);
      const [status = 0] = statuses;
      if (statuses.length !== 1 || !refusals.includes(status))
        faults.push(`${what} was answered ${statuses.join(' and ')}`);
    });
    return { tried: attempts.length, faults };
  },
};

interface Attempt {
  readonly what: string;
  readonly bytes: string;
  readonly refusals: readonly number[];
}

function asSomebodyElse({ deal, secrets, stranger }: Target): Attempt[] {
  const { buyer, orderId } = deal;
  const path = `/api/orders/${orderId}`;
  const identity = `Bearer ${identityOf(secrets, buyer.id)}`;
  const values = [buyer.id, buyer.email, identity];
  const own = `Authorization: Bearer ${stranger.token}`;
  const attempt = (
    what: string,
    headers: readonly string[],
    refusals: readonly number[],
    method = 'GET',
    at = path,
  ) => ({
    what: `${method} ${what}`,
    bytes: requestText(method, at, ['Host: 127.0.0.1', ...headers]),
    refusals,
  });
  return [
    ...names.flatMap((name) =>
      values.flatMap((value) => [
        attempt(`as nobody with ${name}: ${value.slice(0, 20)}`, [`${name}: ${value}`], [400, 401]),
        attempt(`as a stranger with ${name}: ${value.slice(0, 20)}`, [own, `${name}: ${value}`], [400, 401, 404]),
        attempt(`as a stranger after ${name}: ${value.slice(0, 20)}`, [`${name}: ${value}`, own], [400, 401, 404]),
      ]),
    ),
    ...elsewhere.flatMap((name) => [
      attempt(`with ${name} open`, [`${name}: /api/tickets`], [400, 401]),
      // The path that is asked for is open, the one in the header is not.
      attempt(`with ${name} guarded`, [`${name}: ${path}`], [404], 'GET', `/api/tickets/${orderId}`),
    ]),
    ...verbs.flatMap((name) => [
      attempt(`with ${name}`, [`${name}: DELETE`], [400, 401], 'GET', path),
      attempt(`as a stranger with ${name}`, [own, `${name}: GET`], [403, 404, 400], 'DELETE', path),
    ]),
    ...hops.map((name) =>
      attempt(`with Connection: ${name}`, [`Connection: ${name}`, `Authorization: ${identity}`], [400, 401]),
    ),
  ];
}

/** With the cookie of a signed-in visitor, which a page elsewhere makes the browser send along. */
function fromAnotherSite({ deal }: Target): Attempt[] {
  const body = JSON.stringify({ title: 'Sold behind my back', price: 100 });
  const foreign = ['Origin: https://elsewhere.example', 'Sec-Fetch-Site: cross-site'];
  const attempt = (what: string, headers: readonly string[]) => ({
    what: `POST /api/tickets with a cookie, ${what},`,
    bytes: requestText(
      'POST',
      '/api/tickets',
      ['Host: localhost', `Cookie: ${deal.seller.cookie}`, 'Content-Type: application/json', ...headers],
      body,
    ),
    refusals: [400, 401, 403],
  });
  return [
    attempt('from another site', foreign),
    attempt('of an unknown site', []),
    attempt('from another port', ['Origin: http://localhost:1', 'Sec-Fetch-Site: same-site']),
    attempt('from a sandboxed frame', ['Origin: null', 'Sec-Fetch-Site: cross-site']),
    attempt('that claims to be a read', [...foreign, 'X-Forwarded-Method: GET']),
    attempt('that claims another host', [
      'Origin: https://elsewhere.example',
      'X-Forwarded-Host: elsewhere.example',
      'X-Forwarded-Proto: https',
    ]),
    attempt('that says it twice', [...foreign, 'Sec-Fetch-Site: same-origin']),
    attempt('that says it twice the other way', ['Sec-Fetch-Site: same-origin', ...foreign]),
    attempt('in capitals', ['SEC-FETCH-SITE: CROSS-SITE', 'ORIGIN: https://elsewhere.example']),
    ...hops.map((name) => attempt(`with Connection: ${name}`, [...foreign, `Connection: ${name}`])),
  ];
}
