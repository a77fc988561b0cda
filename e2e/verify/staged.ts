import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import type { ApiServer } from './api-server.ts';
import { workloadsIn } from './rules.ts';

/**
 * Applies one stage as it would be applied to a cluster: server-side, with unknown fields refused, and every warning
 * counted as a fault.
 *
 * @returns the objections of the API server, a sentence each
 */
export async function applyStage(server: ApiServer, text: string): Promise<string[]> {
  const { ok, stderr } = await server.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], text);
  const objections = linesOf(stderr);
  if (!ok && objections.length === 0) return ['kubectl refused without a word'];
  return objections;
}

/** Later stages need the kinds of this one. */
export async function kindsAreKnown(server: ApiServer, manifests: readonly Manifest[]): Promise<string[]> {
  const crds = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
  if (crds.length === 0) return [];
  const { ok, stderr } = await server.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', ...crds]);
  return ok ? [] : linesOf(stderr);
}

/** Removes the webhooks: nothing serves them here, and the API server takes no answer for a refusal. */
export async function silenceWebhooks(server: ApiServer, manifests: readonly Manifest[]): Promise<string[]> {
  const asking = manifests.filter(({ kind }) => /^(Validating|Mutating)WebhookConfiguration$/.test(kind));
  const faults: string[] = [];
  for (const { kind, metadata } of asking) {
    const { ok, stderr } = await server.kubectl(['delete', kind, metadata.name]);
    if (!ok) faults.push(...linesOf(stderr));
  }
  return faults;
}

/**
 * Dry-runs a pod of each workload: Pod Security judges pods, and no controller creates them from Deployments here.
 */
export async function admitPods(server: ApiServer, manifests: readonly Manifest[]): Promise<string[]> {
  const refused: string[] = [];
  for (const workload of workloadsIn(manifests)) {
    const { namespace = 'default', name } = workload.metadata;
    const { template } = workload.spec as unknown as { template: { metadata: object; spec: object } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name, namespace },
      spec: { ...template.spec, ...withClaims(workload) },
    };
    const { ok, stderr } = await server.kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod));
    if (!ok) refused.push(`no pod of ${nameOf(workload)} is let in: ${stderr.trim()}`);
  }
  return refused;
}

/** A StatefulSet makes volumes for its pods. */
function withClaims(workload: Manifest): object {
  const { volumeClaimTemplates = [], template } = workload.spec as {
    volumeClaimTemplates?: { metadata: { name: string } }[];
    template: { spec: { volumes?: object[] } };
  };
  const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  return { volumes: [...(template.spec.volumes ?? []), ...claims] };
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
