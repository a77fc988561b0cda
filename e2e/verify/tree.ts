import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bringHome, type Fetch } from '@box-office/ops/cluster/complete';
import { execa } from 'execa';

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

/** The output of Kustomize for a folder. @throws with its message when the build fails */
export async function build(kubectl: string, folder: string): Promise<string> {
  const { stdout, stderr, exitCode } = await execa(kubectl, ['kustomize', folder], { reject: false });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
