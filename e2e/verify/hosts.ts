import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { z } from 'zod';
import type { Rule } from './rules.ts';

const IngressRoute = z.object({
  spec: z.object({ entryPoints: z.array(z.string()).default([]), routes: z.array(z.object({ match: z.string() })) }),
});
const Settings = z.object({ data: z.object({ PUBLIC_ORIGIN: z.url() }) });

/**
 * Callers from outside are served under the shop's own names alone; the shop's requests, by a name of the cluster, are
 * not affected.
 */
export const onlyOwnNames: Rule = (manifests) => {
  const refusing = manifests
    .filter(({ kind }) => kind === 'IngressRoute')
    .map((manifest) => ({ manifest, spec: IngressRoute.parse(manifest).spec }))
    .filter(({ spec }) => spec.routes.some(({ match }) => match.startsWith('!Host')));
  if (refusing.length !== 1) return [`${refusing.length} IngressRoutes refuse the names of others, not one`];
  return [
    ...refusing.flatMap(({ manifest, spec }) => [
      ...(spec.entryPoints.includes('internal') ? [`${nameOf(manifest)} refuses the shop's own requests`] : []),
      ...(spec.entryPoints.includes('websecure') ? [] : [`${nameOf(manifest)} is not at websecure`]),
    ]),
    ...originsIn(manifests)
      .map((origin) => new URL(origin).hostname)
      .filter(
        (host) => !refusing.some(({ spec }) => spec.routes.some(({ match }) => match.includes(`!Host(\`${host}\`)`))),
      )
      .map((host) => `the gateway refuses ${host}, where people open the shop`),
  ];
};

const originsIn = (manifests: readonly Manifest[]): string[] =>
  manifests
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((it) => Settings.safeParse(it).data?.data.PUBLIC_ORIGIN ?? []);
