import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { commandLine } from '@box-office/local/command';
import { localSecrets } from '@box-office/local/secrets';
import { stringify } from 'yaml';
import { devSecrets, envFile, type Settings } from './secrets.ts';

const root = resolve(import.meta.dirname, '../..');
const manifests = join(root, 'infra/k8s');
const { words } = commandLine({
  name: 'npm run secrets:dev',
  does: 'creates the secrets of a development cluster, once',
  words: { FOLDER: 'where to write them, if you have several clusters; .local/k8s by default' },
  options: {},
});
const all = resolve(words[0] ?? join(root, '.local/k8s'));
const dir = join(all, 'dev');
const namespace = 'box-office';

/**
 * Writes the files that Secrets are generated from, readable only by their owner, and the kustomization that adds them
 * to the overlay.
 */
async function write(secrets: ReadonlyMap<string, Settings>, kustomization: string): Promise<void> {
  for (const [name, settings] of secrets) {
    await writeFile(join(dir, `${name}.env`), envFile(settings), { mode: 0o600 });
  }
  // Written last: if it exists, all of them do.
  await writeFile(
    kustomization,
    kustomize({
      resources: [relative(dir, join(manifests, 'overlays/dev'))],
      secretGenerator: [...secrets.keys()].map((name) => ({ name, namespace, envs: [`${name}.env`] })),
    }),
  );
}

/** The same with each of infra/k8s/components: for a debugger, or with only a part of the platform. */
async function writeVariants(): Promise<void> {
  const components = join(manifests, 'components');
  for (const name of await readdir(components)) {
    const variant = join(all, name);
    await mkdir(variant, { recursive: true });
    const around = kustomize({ resources: ['../dev'], components: [relative(variant, join(components, name))] });
    await writeFile(join(variant, 'kustomization.yaml'), around);
  }
}

const kustomize = (fields: object): string =>
  stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });

const kustomization = join(dir, 'kustomization.yaml');
const exists = await access(kustomization).then(
  () => true,
  () => false,
);
// A database keeps its first password, so existing secrets are never replaced.
if (exists) {
  console.log(`The secrets in ${relative('', dir)} are kept.`);
} else {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await write(devSecrets(await localSecrets(join(dir, 'secrets.json'))), kustomization);
  console.log(`Made secrets in ${relative('', dir)}.`);
}
await writeVariants();
