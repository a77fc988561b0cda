import { join } from 'node:path';
import { EngineMissing } from '@box-office/local/find';
import { journey as legs } from '../journey/journey.ts';
import type { Person, Visitor } from '../support/visitor.ts';
import type { ApiServer } from './api-server.ts';
import { startNetwork } from './network.ts';
import type { Watch } from './observability/watch.ts';
import { placePods } from './pods.ts';
import { page, type Services, startServices } from './services.ts';
import { refusedRoutes, startClusterTraefik } from './traefik.ts';

/**
 * Buys a ticket through a Traefik that reads its routes from the API server, or returns which engine is missing.
 */
export async function journey(
  server: ApiServer,
  dir: string,
  watch?: Watch,
): Promise<{ faults: readonly string[]; skipped?: string }> {
  let services: Services;
  try {
    services = await startServices(join(dir, 'services'));
  } catch (error) {
    if (error instanceof EngineMissing) return { faults: [], skipped: error.message };
    throw error;
  }
  try {
    return { faults: await journeyThroughTraefik(server, services, dir, watch) };
  } finally {
    await services.stop();
  }
}

/**
 * Uses the services through a Traefik that reads its routes from the API server, and returns the faults, a sentence
 * each.
 *
 * `watch` looks on.
 *
 * Routes, middlewares, Services, Traefik's settings and its rights are the applied ones. `placePods` and
 * `startClusterTraefik` replace what nodes and controllers would add.
 */
export async function journeyThroughTraefik(
  server: ApiServer,
  services: Services,
  dir: string,
  watch?: Watch,
): Promise<string[]> {
  const network = await startNetwork(await placePods(server, services.processes));
  try {
    const traefik = await startClusterTraefik({
      server,
      program: services.traefik,
      dir: join(dir, 'traefik'),
      port: services.gatewayPort,
      networkUrl: network.url,
      tracing: { file: tracingFile, url: services.traces.url },
    });
    try {
      const refused = await refusedRoutes(server, traefik);
      if (refused.length > 0) return refused;
      const { shop, metrics, printed, traces } = services;
      const sent = traces.sent;
      const watching = await watch?.({ shop, services: metrics, gateway: traefik.adminUrl, printed, sent });
      try {
        const wrong = await askedFromOutside(services);
        if (wrong.length > 0) return wrong;
        const faults = await tradeThrough(services);
        if (faults.length === 0) await watching?.look();
        return faults;
      } finally {
        await watching?.stop();
      }
    } finally {
      await traefik.stop();
    }
  } catch (error) {
    return [sentenceOf(error)];
  } finally {
    await network.stop();
  }
}

/** What the README of the traces tells people to add to the gateway's settings. */
const tracingFile = join(import.meta.dirname, '../../infra/k8s-setup/observability/traces/gateway/static.yaml');

/**
 * A light, concurrent use of the shop: it tests the routes to the services, which have tests of their own.
 */
async function tradeThrough({ shop }: Services): Promise<string[]> {
  const faults = await Promise.all(
    legs
      .filter(({ heavy }) => !heavy)
      .map(({ name, run }) =>
        run(shop).then(
          () => [],
          (error: unknown) => [`${name}: ${sentenceOf(error)}`],
        ),
      ),
  );
  return faults.flat();
}

/** One request from outside, and the expected answer. */
interface Ask {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** A part of the answer's body. */
  readonly saying: string;
}

const guarded = [
  ['GET', '/api/tickets/mine'],
  ['POST', '/api/tickets'],
  ['GET', '/api/orders'],
  ['POST', '/api/orders'],
  ['POST', '/api/payments'],
  ['GET', '/api/whatever'],
] as const;

/** Internal paths of services and Traefik. From outside these are pages of the shop. */
const internal = ['/identity', '/metrics', '/healthz/ready', '/.well-known/jwks.json', '/ping', '/dashboard/'];

async function askedFromOutside({ shop, processes }: Services): Promise<string[]> {
  try {
    const [seller, other] = await Promise.all([shop.person(), shop.person()]);
    await shop.sell(seller);
    const identity = await identityFor(seller, processes.auth ?? '');
    const session = { authorization: `Bearer ${other.token}` };
    const asks: readonly Ask[] = [
      ...guarded.flatMap(([method, path]) => {
        const refused = { method, path, status: 401, saying: '"not-signed-in"' };
        return [
          { ...refused, what: `${method} ${path} without a session` },
          // A valid one, which only the gateway may add.
          { ...refused, what: `${method} ${path} with an identity of the caller’s own`, headers: identity },
        ];
      }),
      {
        what: 'the tickets of a caller who claims to be another user',
        path: '/api/tickets/mine',
        headers: { ...session, 'x-user-id': seller.id, 'x-forwarded-user': seller.email },
        status: 200,
        saying: '[]',
      },
      // Asked only once, whereas the trade retries for half a minute before it gives up.
      { what: 'the list of a newcomer’s orders', path: '/api/orders', headers: session, status: 200, saying: '[]' },
      ...internal.map((path) => ({ what: path, path, status: 404, saying: page })),
      {
        what: 'a webhook that Stripe has not signed',
        method: 'POST',
        path: '/api/payments/webhook',
        status: 400,
        saying: '"bad-signature"',
      },
      // What Traefik's settings refuse before any route is matched.
      {
        what: 'a header under an alias',
        path: '/',
        headers: { x_forwarded_user: 'somebody' },
        status: 400,
        saying: '',
      },
      { what: 'an ambiguous path', path: '/api%2forders', status: 400, saying: '' },
    ];
    const wrong = await Promise.all(asks.map((it) => wrongAnswer(shop, it)));
    return wrong.filter((it) => it !== undefined);
  } catch (error) {
    return [sentenceOf(error)];
  }
}

async function wrongAnswer(
  shop: Visitor,
  { what, method = 'GET', path, headers = {}, status, saying }: Ask,
): Promise<string | undefined> {
  const answer = await shop.ask(method, path, undefined, { ...headers });
  const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  if (answer.status === status && said.includes(saying)) return undefined;
  return `${what} was answered ${answer.status} ${said.slice(0, 200)}`.trimEnd();
}

/** A user's identity, as auth issues it to the gateway. */
async function identityFor(person: Person, authUrl: string): Promise<Record<string, string>> {
  const answer = await fetch(`${authUrl}/identity`, { headers: { authorization: `Bearer ${person.token}` } });
  const authorization = answer.headers.get('authorization');
  if (!authorization) throw new Error(`auth answered ${answer.status} and no identity`);
  return { authorization };
}

const sentenceOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
