import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecrets } from '@box-office/local/secrets';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { readableSecrets } from '../cluster/readable.ts';
import { devSecrets, envFile } from '../cluster/secrets.ts';
import { generatorOf, newInternalAuthority, tlsFiles } from '../cluster/tls.ts';
import { namespaceOf, type Preview, writeLayer } from './preview-layer.ts';
import { registryFile } from './secrets.ts';
import { encrypt, keySecret, publicKey, Refusal, type Vault } from './sops.ts';

/** Where Flux finds the previews: on the branch flux/previews, which contains nothing else. */
export const previewsFolder = 'infra/flux/apps/dev/previews';
const lifeMs = 7 * 24 * 60 * 60 * 1_000;
const expiry = 'box-office/expires-at';

/**
 * Builds and pushes the images of the working tree, and renders the manifests. @returns their folder
 */
export async function render(vault: Vault, preview: Preview, tag: string): Promise<string> {
  const { root } = vault;
  await writeLayer(root, preview, join(root, '.local/k8s/preview'));
  const rendered = join(root, '.local/k8s/preview-rendered');
  await rm(rendered, { recursive: true, force: true });
  await mkdir(rendered, { recursive: true });
  const images = join(root, '.local/k8s/preview-images.json');
  const skaffold = (args: readonly string[]) =>
    execa('skaffold', [...args, '--profile', 'preview'], {
      cwd: root,
      env: { PREVIEW_TAG: tag },
      stdio: 'inherit',
    });
  await skaffold(['build', '--file-output', images]);
  await skaffold([
    'render',
    '--build-artifacts',
    images,
    // Without contacting a cluster.
    '--offline=true',
    '--output',
    join(rendered, 'manifests.yml'),
  ]);
  return rendered;
}

/** The Secrets of a preview, encrypted for the key of previews; this takes only its public half. */
export async function makePreviewSecrets(
  vault: Vault,
  folder: string,
  registryToken: string | undefined,
): Promise<void> {
  if (!(await publicKey(vault.root, 'previews'))) throw new Refusal('First: task keys:age CLUSTER=previews, committed');
  const write = (name: string, text: string) =>
    encrypt(vault, join(folder, name), text, `${previewsFolder}/pr/${name}`);
  for (const [name, settings] of devSecrets(newSecrets())) await write(`${name}.env`, envFile(settings));
  // Nobody needs the key of its authority any more: its namespace ends with its certificates.
  const authority = newInternalAuthority();
  for (const [name, make] of tlsFiles('dev', () => authority)) await write(`${name}.pem`, await make());
  await write('registry.json', registryFile(registryToken));
}

/**
 * Adds a rendered preview to the others. Only manifests and encrypted files are taken from it; how Flux applies them is
 * decided here. Existing secrets are kept: the databases use them.
 *
 * @throws Refusal when one of its secrets is not encrypted
 */
export async function add(from: string, number: number, previews: string, now: Date): Promise<void> {
  const readable = await readableSecrets(from);
  if (readable.length > 0) throw new Refusal(readable.join('\n'));
  const folder = join(previews, `pr-${number}`);
  await mkdir(folder, { recursive: true });
  const secrets = (await readdir(from)).filter((name) => /^([a-z-]+\.(env|pem)|registry\.json)$/.test(name)).sort();
  const there = await readdir(folder);
  // Certificates are of one authority: where one is missing, all are new.
  const isPem = (name: string) => name.endsWith('.pem');
  const keepsPems = secrets.filter(isPem).every((name) => there.includes(name));
  const isKept = (name: string) => there.includes(name) && (keepsPems || !isPem(name));
  for (const name of secrets) if (!isKept(name)) await copyFile(join(from, name), join(folder, name));
  await copyFile(join(from, 'manifests.yml'), join(folder, 'manifests.yml'));
  await writeFile(join(folder, 'kustomization.yaml'), kustomizationOf(number, secrets));
  await writeFile(join(previews, `pr-${number}.yml`), fluxKustomizationOf(number, new Date(now.getTime() + lifeMs)));
  await writeList(previews);
}

export async function remove(number: number, previews: string): Promise<void> {
  await mkdir(previews, { recursive: true });
  await rm(join(previews, `pr-${number}`), { recursive: true, force: true });
  await rm(join(previews, `pr-${number}.yml`), { force: true });
  await writeList(previews);
}

/** Removes previews without a push for a week. @returns their numbers */
export async function expire(previews: string, now: Date): Promise<number[]> {
  const over: number[] = [];
  for (const number of await numbersIn(previews)) {
    const { metadata } = parse(await readFile(join(previews, `pr-${number}.yml`), 'utf8')) as {
      metadata: { annotations: Record<string, string> };
    };
    if (Date.parse(metadata.annotations[expiry] ?? '') > now.getTime()) continue;
    await remove(number, previews);
    over.push(number);
  }
  return over;
}

async function numbersIn(previews: string): Promise<number[]> {
  const numbers = (await readdir(previews)).flatMap((name) => /^pr-(\d+)\.yml$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

async function writeList(previews: string): Promise<void> {
  const resources = (await numbersIn(previews)).map((number) => `pr-${number}.yml`);
  await writeFile(join(previews, 'kustomization.yaml'), kustomize({ resources }));
}

function kustomizationOf(number: number, secrets: readonly string[]): string {
  const namespace = namespaceOf({ number });
  return kustomize({
    resources: ['manifests.yml'],
    secretGenerator: secrets.map((file) =>
      file === 'registry.json'
        ? {
            name: 'registry',
            namespace,
            type: 'kubernetes.io/dockerconfigjson',
            files: ['.dockerconfigjson=registry.json'],
          }
        : generatorOf(file, namespace),
    ),
  });
}

const fluxKustomizationOf = (number: number, expiresAt: Date): string =>
  stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: `pr-${number}`,
      namespace: 'flux-system',
      annotations: { [expiry]: expiresAt.toISOString(), 'event.toolkit.fluxcd.io/change_request': `${number}` },
    },
    spec: {
      interval: '1h',
      // Volumes are refused until the quota has been counted, shortly after its creation.
      retryInterval: '15s',
      timeout: '5m',
      sourceRef: { kind: 'GitRepository', name: 'previews' },
      path: `./${previewsFolder}/pr-${number}`,
      prune: true,
      wait: true,
      serviceAccountName: 'previews',
      decryption: { provider: 'sops', secretRef: { name: keySecret('previews') } },
    },
  });

const kustomize = (fields: object): string =>
  stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });
