import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, nameOf } from '@box-office/ops/cluster/manifests';
import { parse } from 'yaml';
import { type Cluster, stages } from './tree.ts';

interface FluxKustomization extends Manifest {
  readonly spec: {
    readonly path: string;
    readonly prune?: boolean;
    readonly wait?: boolean;
    readonly timeout?: string;
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly decryption?: { readonly provider: string };
    readonly sourceRef: { readonly name: string };
  };
}

const isFlux = (group: string, kind: string) => (it: Manifest) =>
  it.kind === kind && it.apiVersion.startsWith(`${group}.toolkit.fluxcd.io/`);

/** `flux bootstrap` writes it, without dependencies. Previews are independent. */
const waitsForNobody = ['flux-system', 'previews'];

/** Where a stage is deployed from: some need Secrets around them. */
function folderOf(cluster: Cluster, stage: string, dir: string): string {
  const around: Readonly<Record<string, string>> = {
    [`infra/k8s/overlays/${cluster}`]: `infra/flux/apps/${cluster}`,
    [`infra/k8s-setup/3-platform/${cluster}`]: `infra/flux/platform/${cluster}`,
  };
  const folder = around[stage];
  return folder && existsSync(join(dir, folder)) ? folder : stage;
}

/** In order: each needs the one before it. The other verified stages are applied by hand only. */
const inTurn = (cluster: Cluster): readonly string[] =>
  stages[cluster].filter((stage) => /^infra\/(k8s-setup\/\d|k8s\/overlays)/.test(stage));

/** The faults in how Flux is configured to apply a cluster, a sentence each. `dir` is the repository. */
export async function syncFaults(cluster: Cluster, manifests: readonly Manifest[], dir: string): Promise<string[]> {
  const all = manifests.filter(isFlux('kustomize', 'Kustomization')) as FluxKustomization[];
  const byName = new Map(all.map((it) => [it.metadata.name, it]));
  const sources = manifests.filter(isFlux('source', 'GitRepository'));
  const faults: string[] = [];
  for (const { metadata, spec } of all) {
    const { name } = metadata;
    const fault = (what: string) => faults.push(`Kustomization ${name} ${what}`);
    const bringsKinds = spec.path === './infra/k8s-setup/1-crds';
    if (spec.prune === bringsKinds) fault(bringsKinds ? 'prunes kinds, and all that is of them' : 'never prunes');
    if (!spec.wait && !waitsForNobody.includes(name)) fault('does not wait until what it applies is ready');
    if (!spec.timeout && name !== 'flux-system') fault('has no timeout');
    if (!sources.some((it) => it.metadata.name === spec.sourceRef.name))
      fault(`takes its files from ${spec.sourceRef.name}, which is not there`);
    for (const needed of spec.dependsOn ?? [])
      if (!byName.has(needed.name)) fault(`depends on ${needed.name}, which is not there`);
    if ((await hasSecrets(dir, spec.path)) && spec.decryption?.provider !== 'sops')
      fault('does not decrypt its secrets');
  }
  let before: string | undefined;
  for (const stage of inTurn(cluster)) {
    const folder = folderOf(cluster, stage, dir);
    const name = all.find(({ spec }) => spec.path === `./${folder}`)?.metadata.name;
    if (!name) faults.push(`no Kustomization applies ${folder}`);
    else if (before && !comesAfter(name, before, byName))
      faults.push(`Kustomization ${name} does not wait for ${before}`);
    before = name ?? before;
  }
  return faults;
}

function comesAfter(
  name: string,
  before: string,
  byName: ReadonlyMap<string, FluxKustomization>,
  seen: readonly string[] = [],
): boolean {
  if (seen.includes(name)) return false;
  const needed = byName.get(name)?.spec.dependsOn ?? [];
  return needed.some((it) => it.name === before || comesAfter(it.name, before, byName, [...seen, name]));
}

async function hasSecrets(dir: string, path: string): Promise<boolean> {
  const text = await readFile(join(dir, path, 'kustomization.yaml'), 'utf8').catch(() => '{}');
  return ((parse(text) as { secretGenerator?: unknown[] } | null)?.secretGenerator ?? []).length > 0;
}

interface Source extends Manifest {
  readonly spec: {
    readonly url?: string;
    readonly ref?: { readonly branch?: string; readonly semver?: string };
    readonly verify?: { readonly mode: string };
  };
}

/** Production runs signed releases; only proposals and notifications follow main. */
export function releaseFaults(manifests: readonly Manifest[], dir: string): string[] {
  const sources = new Map(
    (manifests.filter(isFlux('source', 'GitRepository')) as Source[]).map((it) => [it.metadata.name, it]),
  );
  const applied = inTurn('prod').map((stage) => `./${folderOf('prod', stage, dir)}`);
  return (manifests.filter(isFlux('kustomize', 'Kustomization')) as FluxKustomization[])
    .filter(({ spec }) => applied.includes(spec.path))
    .filter(({ spec }) => {
      const source = sources.get(spec.sourceRef.name);
      return !(source?.spec.ref?.semver && source.spec.verify);
    })
    .map((it) => `${nameOf(it)} does not follow signed releases`);
}

interface Automation extends Manifest {
  readonly spec: { readonly git: { readonly push?: { readonly branch?: string; readonly refspec?: string } } };
}

/** No cluster writes to main. */
export const pushFaults = (manifests: readonly Manifest[]): string[] =>
  (manifests.filter(isFlux('image', 'ImageUpdateAutomation')) as Automation[])
    .filter(({ spec }) => !spec.git.push?.branch?.startsWith('flux/') || spec.git.push.refspec !== undefined)
    .map((it) => `${nameOf(it)} pushes to ${it.spec.git.push?.branch ?? 'what it has checked out'}, and not to flux/…`);

/**
 * Each marker for Flux names a policy, and every image of ours has a marker. `text` is the kustomization with the
 * images.
 */
export function markerFaults(text: string, manifests: readonly Manifest[]): string[] {
  const policies = manifests.filter(isFlux('image', 'ImagePolicy')).map(({ metadata }) => metadata.name);
  const markers = [...text.matchAll(/# \{"\$imagepolicy": "([^"]*)"\}/g)].map(([, marker = '']) => marker);
  const { images = [] } = parse(text) as { images?: { name: string }[] };
  return [
    ...markers
      .filter((marker) => !policies.some((name) => marker.startsWith(`flux-system:${name}:`)))
      .map((marker) => `no ImagePolicy is named as in ${marker}`),
    ...images
      .filter(({ name }) => name.startsWith('box-office/'))
      .map(({ name }) => name.slice('box-office/'.length))
      .filter((name) => !markers.some((marker) => marker.startsWith(`flux-system:${name}:`)))
      .map((name) => `nothing marks where Flux is to name the image of ${name}`),
  ];
}
