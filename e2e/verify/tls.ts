import { isDeepStrictEqual } from 'node:util';
import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Rule } from './rules.ts';

const EntryPoint = z.looseObject({
  address: z.string(),
  proxyProtocol: z.strictObject({ trustedIPs: z.array(z.string()) }).optional(),
  http: z.looseObject({ tls: z.looseObject({}).optional(), middlewares: z.array(z.string()).optional() }).optional(),
});
type EntryPoint = z.infer<typeof EntryPoint>;

const Settings = z.object({ data: z.object({ 'traefik.yml': z.string() }) });
const Static = z.looseObject({ entryPoints: z.record(z.string(), EntryPoint) });

/** Traefik's entry points, by name, but for its own (probes and dashboard). */
export function doorsOf(manifests: readonly Manifest[]): ReadonlyMap<string, EntryPoint> {
  const texts = manifests
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((it) => Settings.safeParse(it).data?.data['traefik.yml'] ?? []);
  const doors = texts.flatMap((text) => Object.entries(Static.parse(parse(text, { merge: true })).entryPoints));
  return new Map(doors.filter(([name]) => name !== 'traefik'));
}

/**
 * Every entry point sanitizes and refuses requests in the same way, with middlewares that exist.
 */
export const carefulDoors: Rule = (manifests) => {
  const doors = doorsOf(manifests);
  // Which load balancer it trusts is checked in load-balancer.ts.
  const careOf = ({
    address: _,
    proxyProtocol: ____,
    http: { tls: __, middlewares: ___, ...http } = {},
    ...rest
  }: EntryPoint) => ({
    ...rest,
    http,
  });
  const web = doors.get('web');
  if (!web) return ['Traefik has no entry point web'];
  return [...doors].flatMap(([name, door]) => [
    ...(isDeepStrictEqual(careOf(door), careOf(web)) ? [] : [`the entry point ${name} is not as careful as web`]),
    ...throughOf(door)
      .filter((middleware) => !middlewareNamed(manifests, middleware))
      .map((middleware) => `the entry point ${name} leads through ${middleware}, which does not exist`),
  ]);
};

const throughOf = ({ http }: EntryPoint) => http?.middlewares ?? [];

/** As Traefik's own settings name a Middleware: `namespace-name@kubernetescrd`. */
const middlewareNamed = (manifests: readonly Manifest[], qualified: string) =>
  manifests.find(
    ({ kind, metadata }) =>
      kind === 'Middleware' && `${metadata.namespace}-${metadata.name}@kubernetescrd` === qualified,
  );

const IngressRoute = z.object({
  spec: z.object({
    entryPoints: z.array(z.string()).optional(),
    routes: z.array(
      z.object({
        middlewares: z.array(z.object({ name: z.string(), namespace: z.string().optional() })).optional(),
        services: z.array(z.object({ name: z.string() })),
      }),
    ),
  }),
});
const ToHttps = z.object({
  spec: z.object({ redirectScheme: z.object({ scheme: z.literal('https'), permanent: z.literal(true) }) }),
});
const Lasting = z.object({
  spec: z.object({
    headers: z.object({ stsSeconds: z.int().min(31_536_000), stsIncludeSubdomains: z.literal(true) }),
  }),
});
const TlsOption = z.object({ spec: z.object({ minVersion: z.enum(['VersionTLS12', 'VersionTLS13']) }) });

/**
 * Outside callers are served over TLS 1.2 or newer, with HSTS; without TLS they only get a redirect.
 */
export const tlsFromOutside: Rule = (manifests) => {
  const outside = portsToOutside(manifests);
  const doors = [...doorsOf(manifests)].filter(([, { address }]) => outside.has(address.replace(/^.*:/, '')));
  const secure = doors.filter(([, { http }]) => http?.tls);
  const plain = doors.filter(([, { http }]) => !http?.tls).map(([name]) => name);
  const routes = manifests.filter(({ kind }) => kind === 'IngressRoute');
  const options = manifests.filter(({ kind, metadata }) => kind === 'TLSOption' && metadata.name === 'default');

  return [
    ...(secure.length > 0 ? [] : ['nothing that can be reached from outside speaks TLS']),
    ...routes
      .filter((route) => !onlyRedirects(route, manifests))
      .flatMap((route) => plain.filter((door) => isAt(route, door)).map((door) => ({ route, door })))
      .map(({ route, door }) => `${nameOf(route)} can be reached from outside without TLS, at ${door}`),
    ...plain
      .filter((door) => !routes.some((route) => isAt(route, door) && onlyRedirects(route, manifests)))
      .map((door) => `nothing leads from ${door} to TLS`),
    ...secure
      .filter(([, door]) => !throughOf(door).some((it) => Lasting.safeParse(middlewareNamed(manifests, it)).success))
      .map(
        ([name]) => `${name} does not tell browsers for a year or longer, below its host too, to come back with TLS`,
      ),
    // Traefik uses none if there are several.
    ...(options.length === 1 ? [] : [`there are ${options.length} TLSOptions named default, not one`]),
    ...options
      .filter((it) => !TlsOption.safeParse(it).success)
      .map((it) => `${nameOf(it)} allows versions of TLS before 1.2`),
  ];
};

/** A route that names no entry points applies to all of them. */
const isAt = (route: Manifest, door: string): boolean =>
  IngressRoute.parse(route).spec.entryPoints?.includes(door) ?? true;

function onlyRedirects(route: Manifest, manifests: readonly Manifest[]): boolean {
  return IngressRoute.parse(route).spec.routes.every(({ middlewares = [], services }) => {
    const [first] = middlewares;
    const { namespace } = route.metadata;
    const middleware =
      first && middlewareNamed(manifests, `${first.namespace ?? namespace}-${first.name}@kubernetescrd`);
    return services.every(({ name }) => name === 'noop@internal') && ToHttps.safeParse(middleware).success;
  });
}

const Service = z.object({
  spec: z.object({
    type: z.string().optional(),
    ports: z.array(z.object({ port: z.number(), targetPort: z.union([z.string(), z.number()]).optional() })),
  }),
});
const Workload = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          z.object({ ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).optional() }),
        ),
      }),
    }),
  }),
});

/** The pods' ports that a load balancer exposes. */
function portsToOutside(manifests: readonly Manifest[]): ReadonlySet<string> {
  const balanced = manifests
    .filter(({ kind }) => kind === 'Service')
    .flatMap((it) => {
      const { type, ports } = Service.parse(it).spec;
      if (type !== 'LoadBalancer' && type !== 'NodePort') return [];
      return ports.map(({ port, targetPort = port }) => ({ namespace: it.metadata.namespace, targetPort }));
    });
  return new Set(
    balanced.flatMap(({ namespace, targetPort }) => {
      if (typeof targetPort === 'number') return [`${targetPort}`];
      return manifests
        .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === namespace)
        .flatMap((it) => Workload.parse(it).spec.template.spec.containers.flatMap(({ ports = [] }) => ports))
        .filter(({ name }) => name === targetPort)
        .map(({ containerPort }) => `${containerPort}`);
    }),
  );
}

const Store = z.object({ spec: z.object({ defaultCertificate: z.object({ secretName: z.string() }) }) });
const Certificate = z.object({
  spec: z.object({
    secretName: z.string(),
    dnsNames: z.array(z.string()),
    issuerRef: z.object({ kind: z.literal('ClusterIssuer'), name: z.string() }),
  }),
});
const Origin = z.object({ data: z.object({ PUBLIC_ORIGIN: z.url() }) });

/**
 * The gateway's certificate comes from a Certificate for the shop's public host, with an issuer that exists.
 */
export const certificateForShop: Rule = (manifests) => {
  const hosts = manifests
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((it) => Origin.safeParse(it).data?.data.PUBLIC_ORIGIN ?? [])
    .map((origin) => new URL(origin).hostname);
  if (hosts.length === 0) return ['nothing says where people open the shop'];
  const stores = manifests.filter(({ kind }) => kind === 'TLSStore');
  if (stores.length !== 1) return [`there are ${stores.length} TLSStores, not one`];
  return stores.flatMap((store) => {
    const { secretName } = Store.parse(store).spec.defaultCertificate;
    const asked = manifests
      .filter(({ kind, metadata }) => kind === 'Certificate' && metadata.namespace === store.metadata.namespace)
      .map((it) => ({ it, ...Certificate.parse(it).spec }))
      .filter((certificate) => certificate.secretName === secretName);
    if (asked.length !== 1)
      return [`${asked.length} Certificates make ${secretName}, which ${nameOf(store)} shows, not one`];
    return asked.flatMap(({ it, dnsNames, issuerRef }) => [
      ...hosts.filter((host) => !dnsNames.includes(host)).map((host) => `${nameOf(it)} is not for ${host}`),
      ...(manifests.some(({ kind, metadata }) => kind === issuerRef.kind && metadata.name === issuerRef.name)
        ? []
        : [`${nameOf(it)} asks ${issuerRef.name}, which does not exist`]),
    ]);
  });
};
