import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bringHome, type Fetch } from '@box-office/ops/cluster/complete';
import { execa } from 'execa';

/** What goes to a cluster in one go, by the folder it is built from. Each needs what comes before it, and nothing that comes after. */
export const stages = {
  dev: [
    'infra/k8s-setup/1-crds',
    'infra/k8s-setup/2-controllers/dev',
    'infra/k8s-setup/3-platform/dev',
    // Put there by `task tls:pebble`, and by nothing else.
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

/** A copy of the manifests in `dir`, complete in itself: remote resources are files there. */
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

/** What Kustomize makes of a folder, as text. @throws with its words when it cannot be built */
export async function build(kubectl: string, folder: string): Promise<string> {
  const { stdout, stderr, exitCode } = await execa(kubectl, ['kustomize', folder], { reject: false });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
