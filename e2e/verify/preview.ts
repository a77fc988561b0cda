import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { hostOf, namespaceOf, type Preview, sandboxHostOf } from '@box-office/ops/flux/preview-layer';
import { workloadsIn } from './rules.ts';

interface Routes extends Manifest {
  readonly spec: { readonly routes: readonly { readonly match: string; readonly priority?: number }[] };
}

const routesIn = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'IngressRoute') as Routes[];

/** `(Host(…) || Host(…)) && (…)`, or a host alone. */
const ofHosts = /^(?:\((Host\(`[^`]+`\)(?: \|\| Host\(`[^`]+`\))*)\) && \((.*)\)|(Host\(`[^`]+`\)))$/;

/** The same routes without their hosts, so that they can be checked like those of the platform. */
export const withoutHosts = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.map((it) => {
    if (it.kind !== 'IngressRoute') return it;
    const { spec } = it as Routes;
    return { ...it, spec: { ...spec, routes: spec.routes.map((route) => ({ ...route, match: restOf(route.match) })) } };
  });

const restOf = (match: string) => ofHosts.exec(match)?.[2] ?? match;

/**
 * The platform's rules match every host, so those of a preview must be limited to its own hosts, with a higher
 * priority.
 */
export function hostFaults(preview: Preview, manifests: readonly Manifest[]): string[] {
  const isOwn = (host: string) =>
    host === hostOf(preview) || host === sandboxHostOf(preview) || host.endsWith(`.${namespaceOf(preview)}`);
  return routesIn(manifests).flatMap((it) =>
    it.spec.routes.flatMap(({ match, priority = 0 }) => {
      const [, several, , single] = ofHosts.exec(match) ?? [];
      const hosts = [...(several ?? single ?? '').matchAll(/Host\(`([^`]+)`\)/g)].map(([, host = '']) => host);
      const faults: string[] = [];
      if (hosts.length === 0) faults.push(`${nameOf(it)} answers for every host: ${match}`);
      faults.push(...hosts.filter((host) => !isOwn(host)).map((host) => `${nameOf(it)} answers for ${host}`));
      if (priority < 1_000) faults.push(`${nameOf(it)} comes after the platform's own rules: ${match}`);
      return faults;
    }),
  );
}

interface Quota extends Manifest {
  readonly spec: { readonly hard: Readonly<Record<string, string>> };
}

interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: number } };
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly resources?: {
            readonly requests?: Readonly<Record<string, string>>;
            readonly limits?: Readonly<Record<string, string>>;
          };
        }[];
      };
    };
    readonly volumeClaimTemplates?: readonly Claim[];
  };
}

interface Claim {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
}

/** Whether everything fits the quota even while every server exists twice during a rollout. */
export function quotaFaults(manifests: readonly Manifest[]): string[] {
  const quota = manifests.find(({ kind }) => kind === 'ResourceQuota') as Quota | undefined;
  if (!quota) return ['there is no ResourceQuota'];
  const { hard } = quota.spec;
  const needed = needsOf(manifests);
  const counted = Object.entries(needed).filter(([resource]) => !(resource in hard));
  return [
    ...counted.map(([resource]) => `${resource} is without limit`),
    ...Object.entries(needed)
      .filter(([resource, amount]) => resource in hard && amount > quantity(hard[resource] ?? '0'))
      .map(([resource, amount]) => `${resource}: ${amount} is needed, and ${hard[resource]} allowed`),
  ];
}

function needsOf(manifests: readonly Manifest[]): Record<string, number> {
  const needs = {
    pods: 0,
    'requests.cpu': 0,
    'requests.memory': 0,
    'limits.memory': 0,
    persistentvolumeclaims: 0,
    'requests.storage': 0,
  };
  for (const { spec } of workloadsIn(manifests) as unknown as Workload[]) {
    const pods = (spec.replicas ?? 1) + (spec.strategy?.rollingUpdate?.maxSurge ?? 0);
    needs.pods += pods;
    for (const { resources } of spec.template.spec.containers) {
      needs['requests.cpu'] += pods * quantity(resources?.requests?.cpu ?? '0');
      needs['requests.memory'] += pods * quantity(resources?.requests?.memory ?? '0');
      needs['limits.memory'] += pods * quantity(resources?.limits?.memory ?? '0');
    }
    for (const claim of spec.volumeClaimTemplates ?? []) claimed(claim, spec.replicas ?? 1);
  }
  for (const it of manifests) if (it.kind === 'PersistentVolumeClaim') claimed(it as unknown as Claim, 1);
  return needs;

  function claimed({ spec }: Claim, times: number) {
    needs.persistentvolumeclaims += times;
    needs['requests.storage'] += times * quantity(spec.resources.requests.storage);
  }
}

const units: Readonly<Record<string, number>> = { '': 1, m: 0.001, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Such as 10m, 512Mi or 20. @throws for a unit that is not used here */
function quantity(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = units[unit];
  if (number === '' || factor === undefined) throw new Error(`${text} is not an amount`);
  return Number(number) * factor;
}
