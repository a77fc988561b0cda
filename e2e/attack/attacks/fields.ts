import { gzipSync } from 'node:zlib';
import { isRaw, type Route } from '@box-office/common/http/route';
import { apis } from '@box-office/docs/apis';
import { bodyFor, type Deal } from '../../prove/crowd/forbidden.ts';
import type { Person } from '../../support/shop.ts';
import type { Attack, Means } from '../attack.ts';
import { oneIn, pick } from '../pick.ts';
import { eachOf, requestText, sendBytes } from '../raw.ts';

/** JSON texts to put in the place of a value. */
const values: readonly string[] = [
  ...[
    'null',
    'true',
    '-1',
    '0.5',
    '1e308',
    '-0',
    '9007199254740993',
    '[]',
    '{}',
    '""',
    '[[]]',
    '"\\u0000"',
    '"\\ud800"',
  ],
  ...['{"$ne":null}', '{"$gt":""}', '{"$where":"sleep(1000)"}', '{"$regex":".*"}', '{"$exists":true}', '["$ne"]'],
  ...[
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"toString":1}',
    '{"length":-1}',
  ],
  ...['"\u202e"', '"\ufeff"', '"ẞ́"', '"<script>alert(1)</script>"', `"' OR 1=1--"`, '"{{7*7}}"', '"../../etc/passwd"'],
  ...[
    '"=cmd|calc"',
    '"\\r\\nSet-Cookie: a=b"',
    '"9999-12-31T23:59:59.999Z"',
    '"-271821-04-20T00:00:00Z"',
    '"Infinity"',
  ],
  `"${'a'.repeat(60_000)}"`,
  `"${'\u0301'.repeat(8_000)}"`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
  `[${'0,'.repeat(30_000)}0]`,
  `{${Array.from({ length: 5_000 }, (_, number) => `"k${number}":1`).join()}}`,
];

/** Whole bodies that are no JSON, or not only. */
const bodies: readonly (string | Buffer)[] = [
  ...['', '{', 'null', '[]', '"text"', '1', '{}{}', '{"a":1,"a":2}', '\ufeff{}', "{'a':1}", '{"a":NaN}', '// {}'],
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from('{"title":"\xc3\x28"}', 'latin1'),
  Buffer.from('{"title":"a"}', 'utf16le'),
  'x'.repeat(120_000),
];

const types = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json, text/plain',
  '',
];
const encodings = ['gzip', 'deflate', 'br', 'zstd', 'identity', 'gzip, gzip', 'x'];
const queries = ['q', 'limit', 'cursor', 'from', 'to', 'kindId', 'state', '__proto__', 'constructor', 'a[$ne]', 'q[]'];

/** Whatever stands in a field, the caller is told that it is wrong; no service fails at it. */
export const fields: Attack = {
  name: 'fields',
  promise: 'no content of a request makes a service fail',
  async run(target, means) {
    const routes = apis.flatMap((api) => api.routes).filter(({ who }) => who !== 'inside');
    const faults: string[] = [];
    // People of its own, who are replaced when a request has ended their session.
    const people = await Promise.all(Array.from({ length: 4 }, () => target.shop.person()));
    const tries = Array.from({ length: means.effort === 'long' ? 11_000 : 500 }, () => pick(routes, means));
    await eachOf(tries, 12, async (route) => {
      const person = pick(people, means);
      const { what, bytes } = requestFor(route, target.deal, person, means);
      const { statuses } = await sendBytes(target.port, bytes, { withinMs: 20_000 });
      const [status] = statuses;
      // 503 with Retry-After is an answer under load.
      if (status === undefined || (status >= 500 && status !== 503))
        faults.push(`${what} was answered ${status ?? 'nothing'}`);
      const at = people.indexOf(person);
      if (status === 401 && route.who === 'signedIn' && at >= 0) people[at] = await target.shop.person();
    });
    const alive = await target.shop.ask('GET', '/api/tickets');
    if (alive.status !== 200) faults.push(`afterwards the list was answered ${alive.status}`);
    return { tried: tries.length, faults };
  },
};

function requestFor(route: Route, deal: Deal, person: Person, means: Means): { what: string; bytes: Buffer } {
  const inPath = pick(['id', 'id', 'id', '%24ne', '__proto__', '0'.repeat(24), '%ff', 'x'.repeat(3_000)], means);
  const path = route.path.replaceAll(/:\w+/g, inPath === 'id' ? deal.ticketId : inPath);
  const query = oneIn(3, means)
    ? `?${pick(queries, means)}=${encodeURIComponent(pick(values, means).slice(0, 2_000)).replaceAll('%25', '%')}`
    : '';
  const sendsBody = route.method !== 'GET' || oneIn(4, means);
  const plain = sendsBody ? bodyText(route, deal, means) : '';
  const compressed = sendsBody && oneIn(10, means);
  const body = compressed ? gzipSync(plain) : Buffer.from(plain);
  const headers = [
    'Host: localhost',
    `Authorization: Bearer ${person.token}`,
    ...(sendsBody
      ? [`Content-Type: ${oneIn(4, means) ? pick(types, means) : types[0]}`, `Content-Length: ${body.length}`]
      : []),
    ...(compressed || oneIn(20, means) ? [`Content-Encoding: ${pick(encodings, means)}`] : []),
    ...(oneIn(10, means) ? [`If-Match: ${pick(['*', '"x"', 'W/"1"', ''], means)}`] : []),
    ...(oneIn(10, means) ? [`Idempotency-Key: ${pick(['k', 'x'.repeat(300), '{"$ne":1}', '"'], means)}`] : []),
  ];
  return {
    what: `${route.method} ${path.slice(0, 80)}${query.slice(0, 80)} with ${body.toString().slice(0, 80)}`,
    bytes: Buffer.concat([Buffer.from(requestText(route.method, `${path}${query}`, headers)), body]),
  };
}

/** A valid body with one value replaced, or none at all. */
function bodyText(route: Route, deal: Deal, means: Means): string | Buffer {
  if (oneIn(5, means)) return pick(bodies, means);
  const valid =
    bodyFor(route, deal) ?? (isRaw(route.body) ? { id: 'evt_1', type: 'x' } : knownBodies[route.path]) ?? {};
  const places = placesIn(valid);
  const place = pick([...places, ['extra'], ['__proto__'], ['$set']], means);
  const marker = `replaced-${means.effort}`;
  return JSON.stringify(replaced(valid, place, marker)).replace(`"${marker}"`, () => pick(values, means));
}

/** Of the routes that are open to anybody. */
export const knownBodies: Readonly<Record<string, unknown>> = {
  '/api/auth/signup': { email: 'a@example.com', password: 'correct horse battery' },
  '/api/auth/signin': { email: 'a@example.com', password: 'correct horse battery' },
  '/api/auth/token': { email: 'a@example.com', password: 'correct horse battery' },
  '/api/auth/guest': { email: 'a@example.com', name: 'Ada' },
  '/api/auth/guest/open': { key: 'a'.repeat(43) },
  '/api/auth/links': { purpose: 'sign-in', email: 'a@example.com' },
  '/api/auth/links/use': { token: 'a'.repeat(43) },
  '/api/auth/passkeys/sign-in/options': {},
  '/api/auth/passkeys/sign-in': {
    response: {
      ...{ id: 'AA', rawId: 'AA', type: 'public-key', clientExtensionResults: {} },
      response: { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' },
    },
  },
};

/** The places of all values in a body, as lists of keys. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...at]];
  return [[...at], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))].filter(
    (place) => place.length > 0,
  );
}

function replaced(value: unknown, [first, ...rest]: readonly string[], by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((it, index) => (String(index) === first ? replaced(it, rest, by) : it));
  const entries = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
  entries.set(first, replaced(entries.get(first), rest, by));
  // `__proto__` as a key of its own, which an assignment would not make.
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, it] of entries) made[key] = it;
  return made;
}
