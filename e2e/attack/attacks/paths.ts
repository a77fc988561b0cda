import type { Route } from '@box-office/common/http/route';
import { apis } from '@box-office/docs/apis';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { Attack, Means } from '../attack.ts';
import { oneIn, pick } from '../pick.ts';
import { eachOf, requestText, sendBytes } from '../raw.ts';
import { pageHeader, type Target } from '../target.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE', 'get'];
const id = '0123456789abcdef01234567';
const inside = ['/identity', '/metrics', '/healthz/ready', '/.well-known/jwks.json'];

/** Ways of writing a path that a gateway and a service might read differently. */
const changes: readonly ((path: string, letter: number) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.toUpperCase(),
  (path) => path.replace('/api/', '/API/'),
  (path) => path.replace('/api', '/api/.'),
  (path) => path.replace('/api', '/x/../api'),
  (path) => path.replace('/api', '/api/x/..'),
  (path) => `${path}/..`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path}/.%2E/`,
  (path) => path.replace('/api/', '/api%2f'),
  (path) => path.replace('/api/', '/api%5c'),
  (path) => path.replace('/api/', '/api\\'),
  (path) => `${path};a=b`,
  (path) => `${path}%3b`,
  (path) => `${path}%00`,
  (path) => `${path}\0`,
  (path) => `${path}%`,
  (path) => `${path}%zz`,
  (path) => `${path}%c0%ae`,
  (path) => `${path}%ef%bc%8f`,
  (path) => `${path}.json`,
  (path) => `${path}?/api/tickets`,
  (path) => `${path}%3f`,
  (path) => `${path}#/api/tickets`,
  (path) => `${path}%23`,
  (path) => `${path}%20`,
  (path) => `/api/tickets/..${path}`,
  (path) => `/api/tickets/%2e%2e${path}`,
  (path) => `/api/auth/signin/../..${path}`,
  (path) => `/api/docs/..${path}`,
  (path) => `/api/docs/%2e%2e/%2e%2e${path}`,
  (path) => `http://127.0.0.1${path}`,
  (path) => `http://elsewhere.example${path}`,
  (path, letter) => escaped(path, letter),
  (path, letter) => escaped(escaped(path, letter), letter + 3),
  (path, letter) => path.slice(0, letter % path.length) + path.slice((letter % path.length) + 1),
  (path, letter) => `${path.slice(0, letter % path.length)}\u00ad${path.slice(letter % path.length)}`,
  (path, letter) => `${path.slice(0, letter % path.length)}\t${path.slice(letter % path.length)}`,
];

const escaped = (path: string, letter: number): string => {
  const at = 1 + (letter % (path.length - 1));
  return `${path.slice(0, at)}%${path.charCodeAt(at).toString(16).padStart(2, '0')}${path.slice(at + 1)}`;
};

/** Default deny: what the table of routes does not list as open is refused without a session, however it is written. */
export const paths: Attack = {
  name: 'paths',
  promise: 'a path gets nobody further than the table of routes says, however it is written',
  async run(target, means) {
    const all = [...new Set(apis.flatMap(({ routes }) => routes.map(({ path }) => path.replaceAll(/:\w+/g, id))))];
    const faults: string[] = [];
    // Each way of writing a path that anybody may read, and then anything by chance.
    const surely = changes.map((change) => ({ method: 'GET', path: change('/api/tickets', 7) }));
    const byChance = Array.from({ length: means.effort === 'long' ? 12_000 : 600 }, () => tryOf(all, means));
    const tries = [...surely, ...byChance];
    await eachOf(tries, 16, async (attempt) => void faults.push(...(await judged(target, attempt))));
    return { tried: tries.length * 2, faults };
  },
};

interface Try {
  readonly method: string;
  readonly path: string;
}

function tryOf(all: readonly string[], means: Means): Try {
  const letter = () => uniformInt(means.random, 0, 40);
  const changed = pick(changes, means)(pick([...all, ...inside], means), letter());
  return { method: pick(methods, means), path: oneIn(2, means) ? changed : pick(changes, means)(changed, letter()) };
}

async function judged(target: Target, { method, path }: Try): Promise<string[]> {
  const throughGateway = await sendBytes(target.port, requestText(method, path, ['Host: 127.0.0.1']));
  const service = serviceOf(path);
  const port = target.servicePorts[service] ?? 0;
  const straight = await sendBytes(port, requestText(method, path, ['Host: 127.0.0.1']));
  const faults: string[] = [];
  const note = (what: string) => faults.push(`${method} ${JSON.stringify(path)} ${what}`);

  const asRead = canonical(path);
  const [status = 0] = throughGateway.statuses;
  const isPage = new RegExp(`^${pageHeader}:`, 'im').test(throughGateway.text);
  if (status >= 500) note(`was answered ${status} by the gateway`);
  if (throughGateway.statuses.length !== 1) note(`got ${throughGateway.statuses.length} answers of the gateway`);
  if (isPage && /^\/api(\/|$)/.test(asRead ?? '') && !/^\/api\/docs(\/|$)/.test(asRead ?? '')) note('got to a page');
  if (!isPage && status < 400 && !isOpen(method, asRead)) note(`was answered ${status} without a session`);

  const [direct = 0] = straight.statuses;
  if (direct >= 500) note(`was answered ${direct} by ${service} itself`);
  const exact = path.replace(/^http:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '');
  if (direct < 400 && !isOpen(method, exact) && !isInside(method, exact))
    note(`was answered ${direct} by ${service} itself without an identity`);
  return faults;
}

const routes: readonly Route[] = apis.flatMap((api) => api.routes);
const matches = (route: Route, path: string) =>
  new RegExp(`^${route.path.replaceAll(/[.]/g, '\\.').replaceAll(/:\w+/g, '[^/]+')}$`).test(path);
const has = (method: string, path: string | undefined, who: readonly Route['who'][]): boolean =>
  path !== undefined &&
  routes.some(
    (route) =>
      who.includes(route.who) &&
      (route.method === method || (method === 'HEAD' && route.method === 'GET')) &&
      matches(route, path),
  );
const isOpen = (method: string, path: string | undefined) => has(method, path, ['anyone', 'signature']);
const isInside = (method: string, path: string) =>
  has(method, path, ['inside']) || (['GET', 'HEAD'].includes(method) && inside.includes(path));

function serviceOf(path: string): string {
  const [, prefix = ''] = /\/api\/+([\w-]+)/i.exec(path) ?? [];
  const owner = apis.find((api) => api.routes.some((route) => route.path.startsWith(`/api/${prefix.toLowerCase()}`)));
  return owner?.name ?? 'auth';
}

/** The path as a careful reader takes it; undefined if it can be read in several ways, which must be refused. */
function canonical(target: string): string | undefined {
  const path = target.replace(/^http:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '');
  if (/%(?![\da-f]{2})|\\|[^\x21-\x7e]/i.test(path)) return undefined;
  const unreserved = path.replaceAll(/%([\da-f]{2})/gi, (whole, hex: string) => {
    const letter = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(letter) ? letter : whole;
  });
  const parts: string[] = [];
  for (const part of unreserved.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  // What is left out with its `..` can mean nothing any more.
  if (parts.some((part) => /%(2f|5c|00|3b|25|3f|23)/i.test(part))) return undefined;
  // Traefik keeps a slash at the end only where one is written: what ends with `/..` has none.
  return `/${parts.join('/')}${unreserved.endsWith('/') && parts.length > 0 ? '/' : ''}`;
}
