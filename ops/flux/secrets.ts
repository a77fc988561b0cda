import { randomBytes } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Pair } from '@box-office/local/certificates';
import { newSecrets, newSigningKey } from '@box-office/local/secrets';
import { storing } from '../../services.ts';
import { devSecrets, envFile, natsSecrets, readEnvFile, type Settings } from '../cluster/secrets.ts';
import { newInternalAuthority, tlsFiles } from '../cluster/tls.ts';
import { addKey } from './keys.ts';
import { type Audience, decrypt, encrypt, encryptAnew, publicKey, Refusal, type Vault } from './sops.ts';

/** Prompts for a value that only people know; undefined where nobody can answer. */
export type Ask = (name: string, what: string) => Promise<string | undefined>;

/** The contents of each secret file of a cluster by its path, generated or prompted for on demand. */
type Files = ReadonlyMap<string, () => Promise<string>>;

const nowhere = 'https://alerts.invalid';

/**
 * Creates and encrypts the missing secrets of a cluster. Existing ones are kept: a database keeps its first password.
 *
 * @returns what was created, and further notes, a sentence each
 */
export async function makeSecrets(vault: Vault, cluster: 'dev' | 'prod', ask: Ask): Promise<string[]> {
  if (!(await publicKey(vault.root, cluster))) throw new Refusal(`First: task keys:age CLUSTER=${cluster}`);
  const said: string[] = [];
  const files = new Map([
    ...(cluster === 'dev' ? filesOfDev(ask, said) : filesOfProd(ask)),
    ...filesOfTls(vault, cluster),
  ]);
  const missing: string[] = [];
  for (const file of files.keys()) if (!(await exists(join(vault.root, file)))) missing.push(file);
  checkPairs([...files.keys()], missing);
  checkAuthority(missing, cluster);
  // All are known before the first is written.
  const texts = new Map<string, string>();
  for (const file of missing) texts.set(file, (await files.get(file)?.()) ?? '');
  checkUsers(texts);
  for (const [file, text] of texts) await encrypt(vault, file, text);
  const kept = files.size - missing.length;
  return [...said, ...missing.map((file) => `Made ${file}`), ...(kept > 0 ? [`Kept ${kept} that are there.`] : [])];
}

/** A service and its database share a password. */
function checkPairs(all: readonly string[], missing: readonly string[]): void {
  for (const database of all.filter((file) => file.includes('/mongo-'))) {
    const service = database.replace('/mongo-', '/');
    if (missing.includes(database) === missing.includes(service)) continue;
    const [gone, there] = missing.includes(database) ? [database, service] : [service, database];
    throw new Refusal(`${there} is there and ${gone} is not, and they share a password: restore it, or remove both`);
  }
}

/** What it issued is not trusted by its successor's certificate. */
function checkAuthority(missing: readonly string[], cluster: 'dev' | 'prod'): void {
  if (missing.includes(authorityOf(cluster)) && !missing.includes(pemFile(cluster, 'internal-ca')))
    throw new Refusal(
      `${authorityOf(cluster)} is not there, and it issued the certificates that are: restore it, or remove internal-ca.pem and tls-*.pem as well`,
    );
}

/** A service that signs in as another can read and write what belongs to the other. */
function checkUsers(texts: ReadonlyMap<string, string>): void {
  const owners = new Map<string, string>();
  for (const [file, text] of texts) {
    const { MONGO_URL = '' } = readEnvFile(text);
    if (!URL.canParse(MONGO_URL)) continue;
    const { username, host } = new URL(MONGO_URL);
    const owner = owners.get(`${username}@${host}`);
    if (username && owner) throw new Refusal(`${owner} and ${file} name the same user of MongoDB: each needs its own`);
    owners.set(`${username}@${host}`, file);
  }
}

/** The authority of a cluster is kept for the servers that are added later. The cluster itself does not get its key. */
function filesOfTls(vault: Vault, cluster: 'dev' | 'prod'): [string, () => Promise<string>][] {
  const file = authorityOf(cluster);
  let found: Promise<Pair> | undefined;
  const authority = () => {
    found ??= exists(join(vault.root, file)).then(async (isThere) =>
      isThere ? Pair.parse(JSON.parse(await decrypt(vault, file, cluster))) : newInternalAuthority(),
    );
    return found;
  };
  return [
    [file, async () => JSON.stringify(await authority())],
    ...[...tlsFiles(cluster, authority)].map(([name, make]): [string, () => Promise<string>] => [
      pemFile(cluster, name),
      make,
    ]),
  ];
}

function filesOfDev(ask: Ask, said: string[]): Files {
  const secrets = devSecrets(newSecrets());
  return new Map([
    ...[...secrets].map(([name, settings]) => [appFile('dev', name), async () => envFile(settings)] as const),
    ...filesOfDelivery('dev', async (name, what) => {
      const answer = await ask(name, what);
      if (!answer) said.push(`No ${name} (${what}): dev does without.`);
      return answer;
    }),
  ]);
}

function filesOfProd(ask: Ask): Files {
  const needed = async (name: string, what: string): Promise<string> => {
    const answer = await ask(name, what);
    if (!answer) throw new Refusal(`${name} is not set: ${what}`);
    return answer;
  };
  const own: Readonly<Record<string, () => Promise<Settings>>> = {
    auth: async () => ({ SIGNING_KEYS: JSON.stringify([newSigningKey(), newSigningKey()]) }),
    payments: async () => ({
      STRIPE_SECRET_KEY: await needed('STRIPE_SECRET_KEY', 'sk_live_… or a restricted key, rk_live_…'),
      STRIPE_PUBLISHABLE_KEY: await needed('STRIPE_PUBLISHABLE_KEY', 'pk_live_…'),
      STRIPE_WEBHOOK_SECRET: await needed('STRIPE_WEBHOOK_SECRET', 'whsec_… of the webhook endpoint'),
    }),
    mail: async () => ({
      SMTP_URL: await needed('SMTP_URL', 'the mail server, smtps://USER:PASSWORD@HOST'),
      MAIL_FROM: await needed('MAIL_FROM', 'the sender of all mails, Box Office <tickets@example.com>'),
    }),
  };
  return new Map([
    ...storing.map(
      (service) =>
        [
          appFile('prod', service),
          async () =>
            envFile({
              MONGO_URL: await needed(
                `${service.toUpperCase()}_MONGO_URL`,
                `the database of ${service}, mongodb+srv://…`,
              ),
              ...(await own[service]?.()),
            }),
        ] as const,
    ),
    ...[...natsSecrets(newSecrets().natsSeeds)].map(
      ([name, settings]) => [appFile('prod', name), async () => envFile(settings)] as const,
    ),
    [
      'infra/flux/platform/prod/digitalocean-dns.env',
      async () => envFile({ 'access-token': await needed('DNS_TOKEN', 'changes the records of your domain') }),
    ] as const,
    ...filesOfDelivery('prod', needed),
  ]);
}

/** What Flux itself needs, and the registry credentials that pods need too. */
function filesOfDelivery(cluster: 'dev' | 'prod', ask: Ask): [string, () => Promise<string>][] {
  const folder = `infra/flux/delivery/${cluster}`;
  let asked: Promise<string> | undefined;
  const registry = () => {
    asked ??= ask('REGISTRY_READ_TOKEN', 'reads from registry.digitalocean.com').then(registryFile);
    return asked;
  };
  const people = async () => (await ask('ALERTS_URL', 'a Slack webhook, where alerts go')) || nowhere;
  return [
    [`${folder}/registry.json`, registry],
    [`infra/flux/apps/${cluster}/registry.json`, registry],
    [`${folder}/people.env`, async () => envFile({ address: await people() })],
    [`${folder}/receiver.env`, async () => envFile({ token: randomBytes(32).toString('hex') })],
  ];
}

/** In Docker's format. DigitalOcean accepts the token as the user name too. */
export function registryFile(token: string | undefined): string {
  const auth = Buffer.from(`${token}:${token}`).toString('base64');
  return JSON.stringify({ auths: token ? { 'registry.digitalocean.com': { auth } } : {} });
}

const appFile = (cluster: string, name: string) => `infra/flux/apps/${cluster}/${name}.env`;
const pemFile = (cluster: string, name: string) => `infra/flux/apps/${cluster}/${name}.pem`;
const authorityOf = (cluster: string) => `infra/flux/apps/${cluster}/authority.json`;

/** The encrypted files of a cluster. */
export async function secretFiles(root: string, cluster: 'dev' | 'prod'): Promise<string[]> {
  const folders = ['apps', 'delivery', 'platform'].map((part) => `infra/flux/${part}/${cluster}`);
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder)).catch(() => []);
      return names.map((name) => `${folder}/${name}`);
    }),
  );
  return found.flat().filter((file) => /\.(env|json|pem)$/.test(file));
}

/** Creates a new key and encrypts everything for it. @returns what to do next */
export async function rotateKey(vault: Vault, audience: Audience): Promise<string[]> {
  await addKey(vault, audience);
  const files = audience === 'previews' ? [] : await secretFiles(vault.root, audience);
  for (const file of files) await encryptAnew(vault, file, audience);
  return files;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
