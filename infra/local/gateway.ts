import { readdir, readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { served } from '../../services.ts';
import type { Https } from './https.ts';

export const gatewayDir = resolve(import.meta.dirname, '../k8s/base/gateway');

/** The Services of the cluster that the gateway knows, each with its addresses on this machine. */
export const routed = [...served, 'client'] as const;
export type Routed = (typeof routed)[number];
export type ServiceUrls = { readonly auth: readonly string[] } & Readonly<Record<string, readonly string[]>>;

const Reference = z.strictObject({ name: z.string() });

/** Strict at every level: a field that is not translated would make the local gateway differ from the deployed one. */
const IngressRoute = z.strictObject({
  apiVersion: z.literal('traefik.io/v1alpha1'),
  kind: z.literal('IngressRoute'),
  metadata: Reference,
  spec: z.strictObject({
    entryPoints: z.tuple([z.literal('web')]),
    routes: z.array(
      z.strictObject({
        match: z.string(),
        kind: z.literal('Rule'),
        priority: z.int(),
        middlewares: z.array(Reference).optional(),
        services: z.tuple([z.strictObject({ name: z.enum(routed), port: z.literal(3000) })]),
      }),
    ),
  }),
});

const ForwardAuth = z.strictObject({
  address: z.url(),
  trustForwardHeader: z.boolean().optional(),
  maxResponseBodySize: z.int().optional(),
  authRequestHeaders: z.array(z.string()).optional(),
  authResponseHeaders: z.array(z.string()).optional(),
});

const Headers = z.strictObject({
  customRequestHeaders: z.record(z.string(), z.string()).optional(),
  customResponseHeaders: z.record(z.string(), z.string()).optional(),
  accessControlAllowOriginList: z.array(z.string()).optional(),
  accessControlAllowMethods: z.array(z.string()).optional(),
  accessControlExposeHeaders: z.array(z.string()).optional(),
  accessControlMaxAge: z.int().optional(),
});
const Source = z.strictObject({ ipStrategy: z.strictObject({ depth: z.int(), ipv6Subnet: z.int() }) });

const Middleware = z.strictObject({
  apiVersion: z.literal('traefik.io/v1alpha1'),
  kind: z.literal('Middleware'),
  metadata: Reference,
  spec: z.union([
    z.strictObject({ forwardAuth: ForwardAuth }),
    z.strictObject({ headers: Headers }),
    z.strictObject({ ipAllowList: z.strictObject({ sourceRange: z.array(z.string()), rejectStatusCode: z.int() }) }),
    z.strictObject({ inFlightReq: z.strictObject({ amount: z.int(), sourceCriterion: Source }) }),
    z.strictObject({ retry: z.strictObject({ attempts: z.int(), initialInterval: z.string() }) }),
  ]),
});

const Manifest = z.discriminatedUnion('kind', [IngressRoute, Middleware]);

export interface Gateway {
  readonly routes: readonly z.infer<typeof IngressRoute>[];
  readonly middlewares: readonly z.infer<typeof Middleware>[];
  /** Traefik's own settings. */
  readonly settings: z.infer<typeof Settings>;
}

const Settings = z.looseObject({
  entryPoints: z.strictObject({
    web: z.looseObject({ address: z.string(), http: z.looseObject({}) }),
    // Only for a cluster: locally there are no outside callers and no certificates.
    websecure: z.looseObject({}),
    internal: z.looseObject({}),
    traefik: z.strictObject({ address: z.string() }),
  }),
  providers: z.strictObject({
    kubernetesCRD: z.strictObject({ disableClusterScopeResources: z.boolean(), allowEmptyServices: z.boolean() }),
  }),
});

/** Reads the gateway's one definition. @throws when it holds anything that cannot be translated for this machine */
export async function readGateway(dir = gatewayDir): Promise<Gateway> {
  const routes: z.infer<typeof IngressRoute>[] = [];
  const middlewares: z.infer<typeof Middleware>[] = [];
  const files = (await readdir(dir)).filter((name) => name.endsWith('.yml')).sort();
  for (const file of files) {
    const documents = parseAllDocuments(await readFile(join(dir, file), 'utf8'));
    for (const document of documents) {
      const manifest = parse(Manifest, document.toJS(), file);
      if (manifest.kind === 'IngressRoute') routes.push(manifest);
      else middlewares.push(manifest);
    }
  }
  const [settings] = parseAllDocuments(await readFile(join(dir, 'settings/static.yml'), 'utf8'));
  return { routes, middlewares, settings: parse(Settings, settings?.toJS(), 'static.yml') };
}

function parse<Shape extends z.ZodType>(shape: Shape, value: unknown, file: string): z.infer<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`${file} holds what the local gateway cannot translate:\n${z.prettifyError(result.error)}`);
}

/** Where browsers reach the payment sandbox under https: a page of the shop may load nothing without TLS. */
const sandboxEntryPoint = 'stripe-sandbox';

/** Where Traefik requests identities when auth has several replicas: its own load balancer, on an internal port. */
const authEntryPoint = 'identity';

export interface Listening {
  /** The address that it listens on: 127.0.0.1 by default. */
  readonly host?: string | undefined;
  readonly port: number;
  /** For Traefik's own API and ping. */
  readonly adminPort: number;
  /** Needed when auth has several replicas. */
  readonly identityPort: number;
  readonly rulesFile: string;
  readonly https?: Https | undefined;
  /** Where it sends its spans, as OTLP/HTTP; none if not given. */
  readonly traces?: string | undefined;
}

/** The names under which the shop is served, in the rule that refuses all others; clusters replace them too. */
const knownNames = '!Host(`localhost`) && !Host(`127.0.0.1`)';

/** The names under which people open the shop on this machine. */
export function namesOf(host = '127.0.0.1'): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((some) => some?.map(({ address }) => address) ?? []);
  const own = host === '0.0.0.0' ? [...addresses.filter(isIPv4), hostname(), `${hostname()}.local`] : [host];
  return [...new Set(['localhost', '127.0.0.1', ...own])];
}

/** Traefik's static configuration on this machine. */
export function renderSettings({ settings }: Gateway, listening: Listening): string {
  const { host = '127.0.0.1', port, adminPort, identityPort, rulesFile, https, traces } = listening;
  const { http } = settings.entryPoints.web;
  return stringify({
    ...settings,
    entryPoints: {
      // There is no load balancer in front of it here.
      web: {
        ...settings.entryPoints.web,
        proxyProtocol: undefined,
        address: `${host}:${port}`,
        http: https ? { ...http, tls: {} } : http,
      },
      ...(https
        ? {
            internal: { ...settings.entryPoints.internal, address: `127.0.0.1:${https.internalPort}` },
            [sandboxEntryPoint]: { address: `${host}:${https.sandboxPort}`, http: { ...http, tls: {} } },
          }
        : {}),
      traefik: { address: `127.0.0.1:${adminPort}`, http },
      // Only Traefik itself connects, and it has set these headers.
      [authEntryPoint]: { address: `127.0.0.1:${identityPort}`, forwardedHeaders: { insecure: true }, http },
    },
    // Local traffic is in the services' logs.
    accessLog: undefined,
    api: { insecure: true, dashboard: false },
    providers: { file: { filename: rulesFile, watch: true } },
    log: { level: 'WARN', noColor: true },
    // It leaves the values of queries out by itself.
    tracing: traces && { serviceName: 'gateway', otlp: { http: { endpoint: new URL('/v1/traces', traces).href } } },
  });
}

/** Traefik's dynamic configuration on this machine. */
export function renderRules(
  { routes, middlewares }: Gateway,
  urls: ServiceUrls,
  identityPort: number,
  names: readonly string[],
  https?: Https,
): string {
  if (!routes.some(({ spec }) => spec.routes.some(({ match }) => match === knownNames)))
    throw new Error('no route refuses the names under which nobody opens the shop');
  const routers = routes.flatMap(({ metadata, spec }) =>
    spec.routes.map(({ match, priority, middlewares: through, services: [service] }, index) => ({
      name: `${metadata.name}-${index + 1}`,
      rule: match === knownNames ? names.map((name) => `!Host(\`${name}\`)`).join(' && ') : match,
      priority,
      middlewares: (through ?? []).map(({ name }) => name),
      service: service.name,
      entryPoints: https && metadata.name !== 'outside' ? ['web', 'internal'] : ['web'],
    })),
  );
  const known = new Set(middlewares.map(({ metadata }) => metadata.name));
  for (const { name, middlewares: through } of routers) {
    for (const middleware of through) {
      if (!known.has(middleware)) throw new Error(`router ${name} goes through ${middleware}, which does not exist`);
    }
  }
  return stringify({
    http: {
      routers: {
        ...Object.fromEntries(routers.map(({ name, ...router }) => [name, router])),
        ...(urls.auth.length > 1
          ? { [authEntryPoint]: { rule: 'PathPrefix(`/`)', service: 'auth', entryPoints: [authEntryPoint] } }
          : {}),
        ...(https
          ? {
              [sandboxEntryPoint]: {
                rule: 'PathPrefix(`/`)',
                service: sandboxEntryPoint,
                entryPoints: [sandboxEntryPoint],
              },
            }
          : {}),
      },
      middlewares: Object.fromEntries(
        middlewares.map(({ metadata, spec }) => [metadata.name, translate(spec, urls, identityPort)]),
      ),
      services: Object.fromEntries(
        [...routed, ...(https ? ([sandboxEntryPoint] as const) : [])].map((name) => [
          name,
          { loadBalancer: loadBalancer(name, urls[name] ?? []) },
        ]),
      ),
    },
    ...(https ? { tls: { stores: { default: { defaultCertificate: filesOf(https) } } } } : {}),
  });
}

const filesOf = ({ certificate, key }: Https) => ({ certFile: certificate, keyFile: key });

function translate(spec: z.infer<typeof Middleware>['spec'], urls: ServiceUrls, identityPort: number): object {
  if (!('forwardAuth' in spec)) return spec;
  const { hostname, port, pathname } = new URL(spec.forwardAuth.address);
  const service = routed.find((name) => name === hostname);
  if (service !== 'auth' || port !== '3000') throw new Error(`forwardAuth asks ${hostname}:${port}, which is not auth`);
  const [only, ...more] = urls.auth;
  const address = only && more.length === 0 ? only : `http://127.0.0.1:${identityPort}`;
  return { forwardAuth: { ...spec.forwardAuth, address: new URL(pathname, address).href } };
}

/** Replicas get health checks, as in Kubernetes; with a single one Traefik would have no alternative anyway. */
function loadBalancer(name: string, urls: readonly string[]): object {
  const servers = urls.map((url) => ({ url }));
  if (urls.length < 2 || name === 'client') return { servers };
  return {
    servers,
    healthCheck: { path: '/healthz/ready', interval: '1s', unhealthyInterval: '500ms', timeout: '2s' },
  };
}
