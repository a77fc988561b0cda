import { setTimeout as sleep } from 'node:timers/promises';
import { fluxPath } from './flux-archives.ts';
import type { Cluster } from './flux-cluster.ts';

const readyWithinMs = 90_000;
const lookEveryMs = 100;

interface Applied {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

export const kustomizations = async ({ rest }: Cluster): Promise<Applied[]> =>
  (await rest.get<{ items: Applied[] }>(fluxPath('kustomize', 'kustomizations')))?.items ?? [];

export const readyOf = (it: Applied | undefined) => it?.status?.conditions?.find(({ type }) => type === 'Ready');
export const isReady = (it: Applied) =>
  readyOf(it)?.status === 'True' && it.status?.observedGeneration === it.metadata.generation;
export const tells = (it: Applied | undefined) =>
  `${it?.metadata.name}: ${readyOf(it)?.reason} ${readyOf(it)?.message}`;

/** Repeats a check until it finds no faults, or time is up. */
export async function settles(look: () => Promise<string[]>): Promise<string[]> {
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    const faults = await look();
    if (faults.length === 0 || Date.now() > deadline) return faults;
    await sleep(lookEveryMs);
  }
}

export const named = async (cluster: Cluster, name: string) =>
  (await kustomizations(cluster)).find(({ metadata }) => metadata.name === name);

/** Whether a Kustomization has applied a revision, and all of it is ready. */
export const applies = (cluster: Cluster, name: string, revision: string) =>
  settles(async () => {
    const it = await named(cluster, name);
    return it && isReady(it) && it.status?.lastAppliedRevision === revision ? [] : [tells(it)];
  });
