import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { z } from 'zod';

/** The faults in a cluster's manifests, a sentence each. */
export type Rule = (manifests: readonly Manifest[]) => string[];

interface Route {
  readonly match: string;
  readonly priority?: number;
  readonly middlewares?: readonly { readonly name: string }[];
  readonly services: readonly { readonly name: string }[];
}

/**
 * What may be reached without a session, copied from infra/k8s/base/gateway/routes.yml: opening another path takes a
 * change here too.
 */
const publicRoutes: readonly string[] = [
  'Path(`/api/auth/signup`) || Path(`/api/auth/guest`) || Path(`/api/auth/guest/open`) || Path(`/api/auth/links`) || Path(`/api/auth/links/use`) || Path(`/api/auth/passkeys/sign-in/options`) || Path(`/api/auth/passkeys/sign-in`) || Path(`/api/auth/signin`) || Path(`/api/auth/token`) || Path(`/api/auth/signout`) || Path(`/api/auth/currentuser`)',
  'Method(`POST`) && Path(`/api/payments/webhook`)',
  '(Method(`GET`) || Method(`HEAD`)) && (Path(`/api/tickets`) || PathRegexp(`^/api/tickets/[0-9a-f]{24}$`))',
  '(Method(`GET`) || Method(`HEAD`)) && (Path(`/api/shows`) || PathRegexp(`^/api/shows/[0-9a-f]{24}(/seats)?$`))',
  '(Method(`GET`) || Method(`HEAD`)) && PathRegexp(`^/api/docs(/|$)`)',
  '(Method(`GET`) || Method(`HEAD`)) && QueryRegexp(`q`, `.`) && (Path(`/api/tickets`) || Path(`/api/shows`))',
  'Method(`OPTIONS`) && HeaderRegexp(`Access-Control-Request-Method`, `.`) && PathRegexp(`^/api/(tickets|shows)(/[0-9a-f]{24}(/seats)?)?$`)',
  'Method(`OPTIONS`) && HeaderRegexp(`Access-Control-Request-Method`, `.`) && PathRegexp(`^/api(/|$)`)',
];
/**
 * Their routes include no path under /api; the last is Traefik's own, which only redirects.
 */
const pageServices: readonly string[] = ['client', 'stripe-sandbox', 'noop@internal'];

/** They count the requests of an address and set headers of answers. */
const asksNobody: readonly string[] = ['headers', 'api-headers', 'in-flight'];

/** Every route but the public ones authenticates through auth. */
export const everyRouteAsks: Rule = (manifests) =>
  manifests
    .filter(({ kind }) => kind === 'IngressRoute')
    .flatMap((it) =>
      (it as unknown as { spec: { routes: readonly Route[] } }).spec.routes
        .filter(({ match }) => !publicRoutes.includes(match))
        .filter(({ services }) => !services.every(({ name }) => pageServices.includes(name)))
        .filter(
          ({ middlewares = [] }) => middlewares.find(({ name }) => !asksNobody.includes(name))?.name !== 'identity',
        )
        .map(({ match }) => `${nameOf(it)} leads ${match} on without asking who is calling`),
    );

interface Workload {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

export const workloadsIn = (manifests: readonly Manifest[]): (Manifest & Workload)[] =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet') as (Manifest & Workload)[];

/** A tag can be moved to another image; a digest cannot. */
export const imagesByDigest: Rule = (manifests) =>
  workloadsIn(manifests).flatMap((it) =>
    it.spec.template.spec.containers
      .filter(({ image }) => !/@sha256:[0-9a-f]{64}$/.test(image))
      .map(({ image }) => `${nameOf(it)} takes ${image} by a name that may come to mean something else`),
  );

/** `task tls:pebble` creates it for trials; Flux does not manage it. */
const notByFlux = ['pebble'];

const isKept = ({ metadata }: Manifest): boolean =>
  notByFlux.includes(metadata.name) || metadata.annotations?.['kustomize.toolkit.fluxcd.io/prune'] === 'disabled';

/** Deleting it deletes its contents: the volumes of a namespace, the servers of a database. */
const holdsData = ({ kind, spec }: Manifest): boolean =>
  ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim'].includes(kind) || WithVolumes.safeParse(spec).success;

const WithVolumes = z.object({ volumeClaimTemplates: z.array(z.unknown()).min(1) });
const DeletesVolumes = z.object({
  persistentVolumeClaimRetentionPolicy: z.object({ whenDeleted: z.literal('Delete') }),
});

/**
 * What holds data is kept when it is removed from git. Kinds are always kept: their stage is never pruned (see
 * flux-rules.ts).
 */
export const dataIsKept: Rule = (manifests) => [
  ...manifests
    .filter((it) => holdsData(it) && !isKept(it))
    .map((it) => `${nameOf(it)} would be pruned by Flux, with the data in it`),
  ...manifests
    .filter(({ spec }) => DeletesVolumes.safeParse(spec).success)
    .map((it) => `${nameOf(it)} deletes its volumes when it is deleted`),
];
