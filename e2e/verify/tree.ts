import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bringHome, type Fetch } from '@box-office/ops/cluster/complete';
import { type Manifest, readManifests } from '@box-office/ops/cluster/manifests';
import { execa } from 'execa';
import { inputsOf } from './kustomize-inputs.ts';

/**
 * The stages of a cluster, by the folders they are built from. Each depends only on earlier ones.
 */
export const stages = {
  dev: [
    'infra/k8s-setup/1-crds',
    'infra/k8s-setup/2-controllers/dev',
    'infra/k8s-setup/3-platform/dev',
    // Applied only by `task tls:pebble`.
    'infra/k8s-setup/pebble',
    'infra/k8s/overlays/dev',
  ],
  prod: [
    'infra/k8s-setup/1-crds',
    'infra/k8s-setup/2-controllers/prod',
    'infra/k8s-setup/3-platform/prod',
    'infra/k8s/overlays/prod',
  ],
} as const;
export type Cluster = keyof typeof stages;

/** A self-contained copy of the manifests in `dir`: remote resources are files there. */
export async function copyManifests(root: string, dir: string, fetchText: Fetch): Promise<void> {
  for (const part of ['infra/k8s', 'infra/k8s-setup']) {
    await mkdir(join(dir, dirname(part)), { recursive: true });
    await cp(join(root, part), join(dir, part), { recursive: true });
  }
  const files = await readdir(join(dir, 'infra'), { recursive: true });
  for (const file of files) {
    if (file.endsWith('kustomization.yaml')) await bringHome(join(dir, 'infra', file), fetchText);
  }
}

/** Builds and readings of this process, by what they were made from: the same input has the same output. */
const builds = new Map<string, string>();
const readings = new Map<string, readonly Manifest[]>();

/** The output of Kustomize for a folder. @throws with its message when the build fails */
export async function build(kubectl: string, folder: string): Promise<string> {
  const inputs = `${kubectl} ${await inputsOf(folder)}`;
  const known = builds.get(inputs);
  if (known !== undefined) return known;
  // A build is too short for collecting garbage to pay.
  const env = { GOGC: 'off', GOMEMLIMIT: '400MiB' };
  const { stdout, stderr, exitCode } = await execa(kubectl, ['kustomize', folder], { reject: false, env });
  if (exitCode !== 0) throw new Error(stderr);
  builds.set(inputs, stdout);
  return stdout;
}

/** The objects in a text of several documents, read once. @throws when it is not YAML */
export function manifestsIn(text: string): readonly Manifest[] {
  const known = readings.get(text) ?? readManifests(text);
  readings.set(text, known);
  return known;
}
