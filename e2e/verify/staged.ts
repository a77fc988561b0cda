import { setTimeout as sleep } from 'node:timers/promises';
import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { z } from 'zod';
import type { Answer, ApiServer } from './api-server.ts';
import { workloadsIn } from './rules.ts';
import { manifestsIn } from './tree.ts';

/**
 * Applies one stage as it would be applied to a cluster: server-side, with unknown fields refused, and every warning
 * counted as a fault. Objects that the server has already taken in exactly this form are left out: it would change
 * nothing.
 *
 * @returns the objections of the API server, a sentence each
 */
export async function applyStage(server: ApiServer, text: string): Promise<string[]> {
  const changed = documentsIn(text).filter(({ name, text }) => server.applied.get(name) !== text);
  if (changed.length === 0) return [];
  const input = changed.map((it) => it.text).join('\n---\n');
  const { ok, stderr } = await server.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], input);
  const objections = linesOf(stderr);
  const isTaken = ok && objections.length === 0;
  for (const { name, text } of changed) {
    if (isTaken) server.applied.set(name, text);
    // Some of them may have been taken.
    else server.applied.delete(name);
  }
  return ok || objections.length > 0 ? objections : ['kubectl refused without a word'];
}

/** The objects in a text, each as it stands there: kubectl reads YAML in its own way. */
const documentsIn = (text: string) =>
  text.split(/^---$/m).flatMap((document) => {
    const manifests = manifestsIn(document);
    const items = manifests.flatMap((it) => (it.kind === 'List' ? z.array(Item).parse(it.items) : []));
    if (items.length > 0) return items.map((it) => ({ name: keyOf(it), text: JSON.stringify(it) }));
    return manifests.map((it) => ({ name: keyOf(it), text: document }));
  });

const Item = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const keyOf = (it: z.infer<typeof Item>) =>
  [it.apiVersion, it.kind, it.metadata.namespace ?? '', it.metadata.name].join(' ');

const kindsWithinMs = 120_000;
const Crds = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
        .optional(),
    }),
  ),
});

/** Later stages need the kinds of this one. */
export async function kindsAreKnown(server: ApiServer, manifests: readonly Manifest[]): Promise<string[]> {
  const crds = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
  if (crds.length === 0) return [];
  const deadline = Date.now() + kindsWithinMs;
  for (;;) {
    const { body } = await server.ask('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    const established = Crds.parse(body)
      .items.filter(({ status }) => status?.conditions?.some((it) => it.type === 'Established' && it.status === 'True'))
      .map(({ metadata }) => metadata.name);
    const unknown = crds.filter((name) => !established.includes(name));
    if (unknown.length === 0) return [];
    if (Date.now() > deadline) return unknown.map((name) => `the kind ${name} is not established`);
    await sleep(100);
  }
}

/** Removes the webhooks: nothing serves them here, and the API server takes no answer for a refusal. */
export async function silenceWebhooks(server: ApiServer, manifests: readonly Manifest[]): Promise<string[]> {
  const asking = manifests.filter(({ kind }) => /^(Validating|Mutating)WebhookConfiguration$/.test(kind));
  const faults: string[] = [];
  for (const { kind, metadata } of asking) {
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s/${metadata.name}`;
    const answer = await server.ask(path, { method: 'DELETE' });
    // It was removed before, and has not changed since.
    if (answer.status !== 200 && answer.status !== 404) faults.push(refusalIn(answer));
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
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
    const answer = await server.ask(path, { method: 'POST', body: pod });
    if (answer.status !== 201) refused.push(`no pod of ${nameOf(workload)} is let in: ${refusalIn(answer)}`);
  }
  return refused;
}

const refusalIn = ({ status, body }: Answer): string =>
  z.object({ message: z.string() }).safeParse(body).data?.message ?? `the API server answers ${status}`;

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
