import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';

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

/** Whatever a cluster's files refer to and do not hold: the text behind a URL. */
export type Fetch = (url: string) => Promise<string>;

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

async function bringHome(file: string, fetchText: Fetch): Promise<void> {
  const kustomization = parse(await readFile(file, 'utf8')) as { resources?: string[] };
  const remote = (kustomization.resources ?? []).filter((it) => it.startsWith('https://'));
  if (remote.length === 0) return;
  const local = new Map<string, string>();
  for (const url of remote) {
    const name = `${createHash('sha256').update(url).digest('hex').slice(0, 12)}.yml`;
    await writeFile(join(dirname(file), name), await fetchText(url));
    local.set(url, name);
  }
  const resources = kustomization.resources?.map((it) => local.get(it) ?? it);
  await writeFile(file, stringify({ ...kustomization, resources }));
}

/** What Kustomize makes of a folder, as text. @throws with its words when it cannot be built */
export async function build(kubectl: string, folder: string): Promise<string> {
  const { stdout, stderr, exitCode } = await execa(kubectl, ['kustomize', folder], { reject: false });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
