import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fetch } from '@box-office/ops/cluster/complete';
import { goIn, goTool, goTools } from '@box-office/ops/cluster/go-tools';
import { Unreachable } from '@box-office/ops/cluster/remote';
import { execa } from 'execa';

/** kustomize-controller watches all of them, and does not start before all exist. */
const sources = ['gitrepositories', 'ocirepositories', 'buckets', 'externalartifacts'];

/** The controllers of Flux 2.9, and the kinds of each. */
const controllers = [
  { name: 'source-controller', version: 'v1.9.5', group: 'source', kinds: sources },
  { name: 'kustomize-controller', version: 'v1.9.5', group: 'kustomize', kinds: ['kustomizations'] },
  {
    name: 'notification-controller',
    version: 'v1.9.4',
    group: 'notification',
    kinds: ['alerts', 'providers', 'receivers'],
  },
  {
    name: 'image-reflector-controller',
    version: 'v1.2.5',
    group: 'image',
    kinds: ['imagepolicies', 'imagerepositories'],
  },
  { name: 'image-automation-controller', version: 'v1.2.5', group: 'image', kinds: ['imageupdateautomations'] },
] as const;
type Controller = (typeof controllers)[number];

export interface FluxKinds {
  /** CustomResourceDefinitions, as YAML. */
  readonly text: string;
  /** The API groups and kinds that are unavailable, with the reason. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * The kinds of Flux, each from its controller's repository. Where neither the repository nor the controller's Go module
 * is reachable, they are generated from its Go types, a separate module, as the repository does itself.
 */
export async function fluxKinds(root: string, fetchText: Fetch): Promise<FluxKinds> {
  const texts: string[] = [];
  const missing = new Map<string, string>();
  for (const controller of controllers) {
    try {
      texts.push(...(await Promise.all(controller.kinds.map((kind) => fetchText(urlOf(controller, kind))))));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const made = await generated(controller, root);
      if ('text' in made) texts.push(made.text);
      else for (const kind of controller.kinds) missing.set(`${kind}.${controller.group}.toolkit.fluxcd.io`, made.why);
    }
  }
  return { text: texts.join('\n---\n'), missing };
}

const urlOf = ({ name, version, group }: Controller, kind: string) =>
  `https://raw.githubusercontent.com/fluxcd/${name}/${version}/config/crd/bases/${group}.toolkit.fluxcd.io_${kind}.yaml`;

async function generated({ name, version }: Controller, root: string): Promise<{ text: string } | { why: string }> {
  const api = `github.com/fluxcd/${name}/api`;
  const kept = join(root, '.local/remote', createHash('sha256').update(`${api}@${version}`).digest('hex'));
  const known = await readFile(kept, 'utf8').catch(() => undefined);
  if (known !== undefined) return { text: known };
  const generator = await goTool(goTools.controllerGen, join(root, '.local/go'), [process.env.PATH ?? '']);
  if ('why' in generator) return generator;
  const dir = await mkdtemp(join(tmpdir(), 'box-office-kinds-'));
  try {
    await writeFile(join(dir, 'go.mod'), 'module box-office/kinds\n\ngo 1.25\n');
    const said = await goIn(dir)(['get', `${api}/...@${version}`]);
    if (said) return { why: `${api} ${version} is unavailable: ${said}` };
    const { failed, stderr } = await execa(
      generator.path,
      ['crd', `paths=${api}/...`, `output:crd:dir=${join(dir, 'crds')}`],
      { cwd: dir, reject: false, env: { GOFLAGS: '-mod=mod', GOWORK: 'off' } },
    );
    if (failed) return { why: `controller-gen: ${stderr.trim().split('\n').at(-1)}` };
    const files = (await readdir(join(dir, 'crds'))).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(dir, 'crds', file), 'utf8')));
    if (texts.length === 0) return { why: `controller-gen made nothing of ${api}` };
    const text = texts.join('\n---\n');
    await mkdir(join(root, '.local/remote'), { recursive: true });
    await writeFile(kept, text);
    return { text };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
