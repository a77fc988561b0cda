import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whereIs } from '@box-office/local/programs';
import { goTool, goTools } from '@box-office/ops/cluster/go-tools';
import type { Manifest } from '@box-office/ops/cluster/manifests';
import { noReadableSecret, readableSecrets } from '@box-office/ops/cluster/readable';
import { readEnvFile } from '@box-office/ops/cluster/secrets';
import { makeKey } from '@box-office/ops/flux/keys';
import { namespaceOf, writeLayer } from '@box-office/ops/flux/preview-layer';
import { makeSecrets, secretFiles } from '@box-office/ops/flux/secrets';
import { audiences, publicKey, setPublicKey, type Vault } from '@box-office/ops/flux/sops';
import type { ApiServer } from './api-server.ts';
import { architecture } from './architecture.ts';
import { edgesOf } from './edges.ts';
import { type FluxKinds, fluxKinds } from './flux-kinds.ts';
import { reconcileDev } from './flux-reconcile.ts';
import { markerFaults, pushFaults, releaseFaults, syncFaults } from './flux-rules.ts';
import type { Ground } from './ground.ts';
import { hostFaults, quotaFaults, withoutHosts } from './preview.ts';
import { everyRouteAsks } from './rules.ts';
import { admitPods, applyStage } from './staged.ts';
import { build, type Cluster, manifestsIn, stages } from './tree.ts';

/** Receives each finding, and each check that had to be skipped, with the reason. */
export interface Hears {
  found(check: string, faults: readonly string[]): void;
  skipped(check: string, why: string): void;
}

/** The checks of Flux, prepared for a cluster. */
export interface FluxVerifier {
  /** Checks the configuration of Flux, and applies it to a server that already has all stages of the cluster. */
  applied(cluster: Cluster, server: ApiServer, hears: Hears): Promise<void>;
  /** Lets Flux itself build the dev cluster, on a separate server. */
  reconciled(hears: Hears): Promise<void>;
}

interface Programs {
  readonly vault: Vault | { readonly why: string };
  readonly controller: { readonly path: string } | { readonly why: string };
  readonly kinds: FluxKinds;
}

/** `root` is where builds are kept; `dir` a copy of the manifests, to which Flux's files are added. */
export async function prepareFlux(root: string, from: string, dir: string, ground: Ground): Promise<FluxVerifier> {
  await copyFlux(from, dir);
  const programs = await findPrograms(root, dir, ground);
  return {
    applied: (cluster, server, hears) => lookAt(cluster, { from, dir, server, ...ground, ...programs }, hears),
    async reconciled(hears) {
      const { vault, controller, kinds } = programs;
      const check = 'Flux reconciles dev';
      const why = [vault, controller].flatMap((it) => ('why' in it ? it.why : []));
      if ('why' in vault || 'why' in controller) return hears.skipped(check, why.join('; '));
      if (kinds.missing.size > 0) return hears.skipped(check, missingKinds(kinds));
      await ownSecrets(vault, 'dev');
      await reconcileDev({
        assets: ground.assets,
        controller: controller.path,
        vault,
        kinds: kinds.text,
        scratch: join(dir, 'reconciled'),
        seen: (check, faults) => hears.found(check, faults),
      });
    },
  };
}

const missingKinds = ({ missing }: FluxKinds) => [...missing].map(([kind, why]) => `${kind}: ${why}`).join('; ');

async function copyFlux(from: string, dir: string): Promise<void> {
  await cp(join(from, 'infra/flux'), join(dir, 'infra/flux'), { recursive: true });
  await cp(join(from, '.sops.yaml'), join(dir, '.sops.yaml'));
}

async function findPrograms(root: string, dir: string, { assets, fetchText }: Ground): Promise<Programs> {
  const places = [process.env.PATH ?? ''];
  const built = join(root, '.local/go');
  const sops = await goTool(goTools.sops, built, places);
  const age = await goTool(goTools.ageKeygen, built, places);
  const controller = (await whereIs('kustomize-controller', assets))
    ? { path: join(assets, 'kustomize-controller') }
    : await goTool(goTools.kustomizeController, built, []);
  const kinds = await fluxKinds(root, fetchText);
  if ('why' in sops || 'why' in age) {
    const why = [sops, age].flatMap((it) => ('why' in it ? it.why : [])).join('; ');
    return { vault: { why }, controller, kinds };
  }
  return { vault: { root: dir, sops: sops.path, ageKeygen: age.path }, controller, kinds };
}

interface Look extends Ground, Programs {
  readonly from: string;
  readonly dir: string;
  readonly server: ApiServer;
}

async function lookAt(cluster: Cluster, look: Look, hears: Hears): Promise<void> {
  const { from, dir, assets, vault, kinds, server } = look;
  const kubectl = join(assets, 'kubectl');
  hears.found('Flux’s secrets are encrypted', [
    ...(await readableSecrets(join(from, 'infra/flux'))),
    ...(await keyFaults(from, cluster)),
  ]);
  if ('why' in vault) return hears.skipped('what Flux applies', vault.why);
  await ownSecrets(vault, cluster);

  const folders = ['clusters', 'platform', 'delivery', 'apps']
    .map((part) => `infra/flux/${part}/${cluster}`)
    .filter((folder) => existsSync(join(dir, folder)));
  const built = new Map<string, string>();
  for (const folder of folders) {
    const faults: string[] = [];
    built.set(
      folder,
      await build(kubectl, join(dir, folder)).catch((error: Error) => {
        faults.push(error.message);
        return '';
      }),
    );
    hears.found(`builds ${folder}`, faults);
    if (faults.length > 0) return;
  }
  const manifests = manifestsIn([...built.values()].join('\n---\n'));
  hears.found('Flux applies every stage in order', await syncFaults(cluster, manifests, dir));
  if (cluster === 'prod') hears.found('Flux follows releases', releaseFaults(manifests, dir));
  hears.found('no cluster writes to main', pushFaults(manifests));
  hears.found(
    'Flux knows where images are named',
    (await imagesOf(cluster, dir)).flatMap((text) => markerFaults(text, manifests)),
  );

  await applyKinds(server, kinds);
  if (kinds.missing.size > 0) hears.skipped('some kinds of Flux', missingKinds(kinds));
  for (const [folder, text] of built) {
    const known = manifestsIn(text).filter((it) => !isMissing(it, kinds));
    hears.found(`applies ${folder}`, await applyStage(server, JSON.stringify(listOf(known))));
  }
  if (cluster === 'dev') await lookAtPreview({ ...look, vault }, hears);
}

/** The kustomizations in which Flux sets images. */
const imagesOf = (cluster: Cluster, dir: string): Promise<string[]> =>
  Promise.all(
    (cluster === 'prod'
      ? ['infra/k8s/overlays/prod', 'infra/k8s-setup/2-controllers/prod']
      : ['infra/flux/apps/dev']
    ).map((folder) => readFile(join(dir, folder, 'kustomization.yaml'), 'utf8')),
  );

const listOf = (items: readonly Manifest[]) => ({ apiVersion: 'v1', kind: 'List', items });

const isMissing = ({ apiVersion, kind }: Manifest, { missing }: FluxKinds) => {
  const [group = ''] = apiVersion.split('/');
  return [...missing.keys()].some(
    (it) => it.endsWith(group) && it.split('.')[0]?.startsWith(kind.toLowerCase().slice(0, -1)),
  );
};

async function applyKinds(server: ApiServer, { text }: FluxKinds): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
  for (const it of [text, JSON.stringify(namespace)]) {
    const faults = await applyStage(server, it);
    if (faults.length > 0) throw new Error(`the kinds of Flux cannot be applied: ${faults.join('\n')}`);
  }
  await server.kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all']);
}

/** The cluster can only decrypt what is encrypted for its own key. */
async function keyFaults(root: string, cluster: Cluster): Promise<string[]> {
  const key = await publicKey(root, cluster);
  const faults: string[] = [];
  for (const file of await secretFiles(root, cluster)) {
    const recipients = recipientsIn(file, await readFile(join(root, file), 'utf8'));
    if (!(key && recipients.includes(key))) faults.push(`${file} is not encrypted for the key of ${cluster}`);
  }
  return faults;
}

function recipientsIn(file: string, text: string): string[] {
  if (!file.endsWith('.env')) {
    const { sops } = JSON.parse(text) as { sops?: { age?: { recipient: string }[] } };
    return (sops?.age ?? []).map(({ recipient }) => recipient);
  }
  const settings = Object.entries(readEnvFile(text));
  return settings.filter(([key]) => /^sops_age__list_\d+__map_recipient$/.test(key)).map(([, value]) => value);
}

/** In a copy: the real secrets cannot be decrypted here, and need not be. */
async function ownSecrets(vault: Vault, cluster: Cluster): Promise<void> {
  for (const file of await secretFiles(vault.root, cluster)) await rm(join(vault.root, file));
  for (const audience of audiences) {
    if (audience !== cluster && !(cluster === 'dev' && audience === 'previews')) continue;
    await setPublicKey(vault.root, audience, '');
    await makeKey(vault, audience);
  }
  await makeSecrets(vault, cluster, async (name) => `https://${name.toLowerCase().replaceAll('_', '-')}.invalid`);
}

/** Pull request 7, applied with the account for previews. */
async function lookAtPreview({ dir, assets, server }: Look, hears: Hears): Promise<void> {
  const preview = { number: 7, domain: 'localhost' };
  const layer = join(dir, '.local/k8s/preview');
  await mkdir(layer, { recursive: true });
  await writeLayer(dir, preview, layer);
  const text = await build(join(assets, 'kubectl'), layer).catch((error: Error) => error);
  hears.found('builds a preview', Error.isError(text) ? [text.message] : []);
  if (Error.isError(text)) return;
  const manifests = manifestsIn(text);
  // In place of the platform, on the same lower stages.
  const ground = stages.dev.filter((stage) => stage !== 'infra/k8s/overlays/dev');
  const below = await Promise.all(ground.map((stage) => build(join(assets, 'kubectl'), join(dir, stage))));
  const edges = edgesOf([...manifests, ...below.flatMap(manifestsIn)]);
  hears.found('a preview keeps to the rules of all', [
    ...noReadableSecret(manifests),
    ...everyRouteAsks(withoutHosts(manifests)),
    ...edges.filter((it) => !architecture.dev.includes(it)).map((it) => `${it} is open and not in the architecture`),
    ...architecture.dev.filter((it) => !edges.includes(it)).map((it) => `${it} is in the architecture and closed`),
  ]);
  hears.found('a preview answers for its own hosts alone', hostFaults(preview, manifests));
  hears.found('a preview fits into its quota', quotaFaults(manifests));
  hears.found('applies a preview, and nothing of it elsewhere', await applyPreview(server, manifests, preview.number));
}

async function applyPreview(server: ApiServer, manifests: readonly Manifest[], number: number): Promise<string[]> {
  const as = '--as=system:serviceaccount:flux-system:previews';
  const namespace = namespaceOf({ number });
  const applied = (items: readonly Manifest[], ...more: string[]) =>
    server.kubectl(
      ['apply', '--server-side', '--validate=strict', as, ...more, '-f', '-'],
      JSON.stringify(listOf(items)),
    );
  const first = manifests.filter(({ kind }) => kind === 'Namespace' || kind === 'ResourceQuota');
  const began = await applied(first);
  if (!began.ok) return [began.stderr];
  await countQuotas(server, first);
  const { stderr } = await applied(manifests);
  const faults = stderr.split('\n').filter((line) => line.trim() !== '');
  if (faults.length === 0) faults.push(...(await admitPods(server, manifests)));

  const elsewhere = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'intruder', namespace: 'box-office' } };
  const open = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}1` } };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'open', namespace },
    spec: { type: 'NodePort', ports: [{ port: 80 }] },
  };
  const deadline = Date.now() + effectiveWithinMs;
  for (const it of [elsewhere, open, service]) {
    const isRefused = async () => !(await applied([it], '--dry-run=server')).ok;
    if (!(await soon(isRefused, deadline))) faults.push(`a preview may apply ${it.kind} ${it.metadata.name}`);
  }
  return faults;
}

const effectiveWithinMs = 30_000;

/** A policy takes effect shortly after it was applied, which on a busy machine may take several seconds. */
async function soon(isSo: () => Promise<boolean>, deadline: number): Promise<boolean> {
  for (;;) {
    if (await isSo()) return true;
    if (Date.now() > deadline) return false;
    await sleep(500);
  }
}

/** As the quota controller would, which does not run here. */
async function countQuotas(server: ApiServer, manifests: readonly Manifest[]): Promise<void> {
  for (const it of manifests.filter(({ kind }) => kind === 'ResourceQuota')) {
    const { hard } = it.spec as { hard: Readonly<Record<string, string>> };
    const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']));
    const patch = JSON.stringify({ status: { hard, used } });
    const { name, namespace = '' } = it.metadata;
    await server.kubectl([
      'patch',
      'resourcequota',
      name,
      `--namespace=${namespace}`,
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    ]);
  }
}
