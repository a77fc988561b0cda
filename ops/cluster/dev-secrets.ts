import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { Pair } from '@box-office/local/certificates';
import { localSecrets } from '@box-office/local/secrets';
import { stringify } from 'yaml';
import { storing } from '../../services.ts';
import { devSecrets, envFile, readEnvFile, type Settings, withRootOf } from './secrets.ts';
import { generatorOf, newInternalAuthority, tlsFiles } from './tls.ts';

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
 * to the overlay. Existing files are kept, unless their service does not sign in as a user of its own and by TLS yet.
 *
 * @returns how many it wrote
 */
async function write(secrets: ReadonlyMap<string, Settings>): Promise<number> {
  const there = await readdir(dir);
  const missing = new Map([...secrets].filter(([name]) => !there.includes(`${name}.env`)));
  for (const service of storing) {
    const database = `mongo-${service}`;
    if (missing.has(database) || missing.has(service)) continue;
    const [known, own] = [await read(database), await read(service)];
    if (known.SERVICE_PASSWORD && own.MONGO_URL?.includes('tls=true')) continue;
    missing.set(database, withRootOf(secrets.get(database) ?? {}, known));
    missing.set(service, { ...own, MONGO_URL: secrets.get(service)?.MONGO_URL ?? '' });
  }
  const texts = new Map([...missing].map(([name, settings]) => [`${name}.env`, envFile(settings)]));
  const certificates = tlsFiles('dev', authority);
  for (const [name, make] of certificates) if (!there.includes(`${name}.pem`)) texts.set(`${name}.pem`, await make());
  for (const [file, text] of texts) await writeFile(join(dir, file), text, { mode: 0o600 });
  await writeFile(
    join(dir, 'kustomization.yaml'),
    kustomize({
      resources: [relative(dir, join(manifests, 'overlays/dev'))],
      secretGenerator: [
        ...[...secrets.keys()].map((name) => generatorOf(`${name}.env`, namespace)),
        ...[...certificates.keys()].map((name) => generatorOf(`${name}.pem`, namespace)),
      ],
    }),
  );
  return texts.size;
}

/** It stays the same, so that servers with older certificates are still trusted. */
async function authority(): Promise<Pair> {
  const file = join(dir, 'authority.json');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known) return Pair.parse(JSON.parse(known));
  const made = await newInternalAuthority();
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

const read = async (name: string) => readEnvFile(await readFile(join(dir, `${name}.env`), 'utf8'));

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

await mkdir(dir, { recursive: true, mode: 0o700 });
const made = await write(devSecrets(await localSecrets(join(dir, 'secrets.json'))));
console.log(
  made > 0 ? `Made ${made} secrets in ${relative('', dir)}.` : `The secrets in ${relative('', dir)} are kept.`,
);
await writeVariants();
