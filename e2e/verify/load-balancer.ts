import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { z } from 'zod';
import type { Rule } from './rules.ts';
import { doorsOf } from './tls.ts';

const annotation = 'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol';
/** The shortest IPv4 prefix: a wider network contains more than the load balancer and the machines of the cluster. */
const widestPrefix = 16;
/** Trusting only the last address means trusting nobody: no connection comes from it. */
const nobody = '255.255.255.255/32';

const LoadBalancer = z.object({
  type: z.literal('LoadBalancer'),
  externalTrafficPolicy: z.string().optional(),
  ports: z.array(z.object({ targetPort: z.string() })),
});

/**
 * A load balancer sends the caller's address (PROXY protocol), and Traefik trusts it from nobody else. One without the
 * other would count all callers as one address, or serve none.
 */
export const knowsCallers: Rule = (manifests) => {
  const doors = doorsOf(manifests);
  const trusted = (name: string) => (doors.get(name)?.proxyProtocol?.trustedIPs ?? []).filter((it) => it !== nobody);
  const balancers = manifests.flatMap((it) => {
    const spec = LoadBalancer.safeParse(it.spec).data;
    return it.kind === 'Service' && spec ? [{ it, spec }] : [];
  });
  const balanced = new Set(balancers.flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort)));
  return [
    ...balancers.flatMap(({ it, spec }) => balancerFaults(it, spec)),
    ...[...balanced]
      .filter((door) => trusted(door).length === 0)
      .map((door) => `the entry point ${door} does not believe its load balancer`),
    ...[...doors.keys()]
      .filter((door) => !balanced.has(door) && trusted(door).length > 0)
      .map((door) => `the entry point ${door} believes a load balancer that it does not have`),
    ...[...doors.keys()].flatMap((door) =>
      trusted(door)
        .filter((range) => !isNarrow(range))
        .map((range) => `the entry point ${door} believes all of ${range}`),
    ),
  ];
};

function balancerFaults(it: Manifest, { externalTrafficPolicy }: z.infer<typeof LoadBalancer>): string[] {
  return [
    ...(it.metadata.annotations?.[annotation] === 'true' ? [] : [`${nameOf(it)} does not say who is calling`]),
    ...(externalTrafficPolicy === 'Local' ? [] : [`${nameOf(it)} is reached through other machines of the cluster`]),
  ];
}

/** A private network that is small enough. */
function isNarrow(range: string): boolean {
  const [, address = '', prefix] = /^([\d.]+)\/(\d+)$/.exec(range) ?? [];
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  return isPrivate && Number(prefix) >= widestPrefix;
}
