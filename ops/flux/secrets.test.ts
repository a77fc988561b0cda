import { X509Certificate } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { goTool, goTools } from '../cluster/go-tools.ts';
import { readableSecrets } from '../cluster/readable.ts';
import { readEnvFile } from '../cluster/secrets.ts';
import { dropOldKeys, makeKey, nextSigningKeys } from './keys.ts';
import { makeSecrets, rotateKey, secretFiles } from './secrets.ts';
import { decrypt, encrypt, keyFile, publicKey, setPublicKey, type Vault } from './sops.ts';

const root = resolve(import.meta.dirname, '../..');
const places = [process.env.PATH ?? ''];
const sops = await goTool(goTools.sops, join(root, '.local/go'), places);
const age = await goTool(goTools.ageKeygen, join(root, '.local/go'), places);
const why = [sops, age].flatMap((it) => ('why' in it ? it.why : []));
if (why.length > 0) console.warn(`SKIPPED  Encryption is not tested: ${why.join('; ')}`);
const perTestMs = 120_000;

let dir: string;
let vault: Vault;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-vault-'));
  await cp(join(root, '.sops.yaml'), join(dir, '.sops.yaml'));
  for (const audience of ['dev', 'prod', 'previews'] as const) await setPublicKey(dir, audience, '');
  for (const cluster of ['dev', 'prod'])
    for (const part of ['apps', 'delivery']) await mkdir(join(dir, 'infra/flux', part, cluster), { recursive: true });
  vault = { root: dir, sops: 'path' in sops ? sops.path : '', ageKeygen: 'path' in age ? age.path : '' };
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const nobody = async () => undefined;
const whole = why.length > 0 ? describe.skip : describe;

whole('the key of a cluster', () => {
  it('is created once, its private half readable only by its owner', async () => {
    await expect(makeKey(vault, 'dev')).resolves.toMatch(/^Made .*secret generic sops-age /s);
    const key = await publicKey(dir, 'dev');
    expect(key).toMatch(/^age1/);
    expect((await stat(keyFile(dir, 'dev'))).mode & 0o077).toBe(0);
    expect(await readFile(join(dir, '.sops.yaml'), 'utf8')).not.toContain('AGE-SECRET-KEY');

    await expect(makeKey(vault, 'dev')).resolves.toMatch(/^Kept /);
    await expect(publicKey(dir, 'dev')).resolves.toBe(key);
    await expect(publicKey(dir, 'prod')).resolves.toBeNull();
  });

  it('is not replaced when its private half is kept elsewhere', async () => {
    await setPublicKey(dir, 'prod', 'age1somebody');
    await expect(makeKey(vault, 'prod')).rejects.toThrow('its private half is not in');
  });
});

whole('the secrets of a cluster', () => {
  it(
    'are created where they are missing, encrypted, and kept',
    async () => {
      await expect(makeSecrets(vault, 'dev', nobody)).rejects.toThrow('task keys:age CLUSTER=dev');
      await makeKey(vault, 'dev');
      await expect(makeSecrets(vault, 'dev', nobody)).resolves.toContainEqual(expect.stringMatching(/^No ALERTS_URL/));
      await expect(readableSecrets(join(dir, 'infra/flux'))).resolves.toEqual([]);

      const file = 'infra/flux/apps/dev/tickets.env';
      const before = await readFile(join(dir, file), 'utf8');
      const { MONGO_URL = '' } = readEnvFile(await decrypt(vault, file, 'dev'));
      const database = readEnvFile(await decrypt(vault, 'infra/flux/apps/dev/mongo-tickets.env', 'dev'));
      expect(new URL(MONGO_URL).password).toBe(database.SERVICE_PASSWORD);

      await expect(makeSecrets(vault, 'dev', nobody)).resolves.toContainEqual(
        expect.stringMatching(/^Kept \d+ that are there\.$/),
      );
      await expect(readFile(join(dir, file), 'utf8')).resolves.toBe(before);

      const apps = 'infra/flux/apps/dev';
      await rm(join(dir, apps, 'tls-nats.pem'));
      await expect(makeSecrets(vault, 'dev', nobody)).resolves.toContain(`Made ${apps}/tls-nats.pem`);
      const pem = async (name: string) => new X509Certificate(await decrypt(vault, `${apps}/${name}.pem`, 'dev'));
      for (const name of ['tls-nats', 'tls-mongo-tickets'])
        expect((await pem(name)).verify((await pem('internal-ca')).publicKey)).toBe(true);
      await rm(join(dir, apps, 'authority.json'));
      await expect(makeSecrets(vault, 'dev', nobody)).rejects.toThrow('restore it, or remove internal-ca.pem');

      await rm(join(dir, file));
      await expect(makeSecrets(vault, 'dev', nobody)).rejects.toThrow('they share a password');
    },
    perTestMs,
  );

  it(
    'are prompted for where only people know them, and written only once all are known',
    async () => {
      await makeKey(vault, 'prod');
      const known: Record<string, string> = { AUTH_MONGO_URL: 'mongodb://db/auth' };
      const ask = async (name: string) => known[name];
      await expect(makeSecrets(vault, 'prod', ask)).rejects.toThrow('TICKETS_MONGO_URL is not set');
      await expect(secretFiles(dir, 'prod')).resolves.toEqual([]);

      const shared = async () => 'mongodb+srv://shop:4f9c1f1d0a@db.example/orders';
      await expect(makeSecrets(vault, 'prod', shared)).rejects.toThrow('name the same user of MongoDB');
      const all = async (name: string) => `https://${name}.example`;
      await makeSecrets(vault, 'prod', all);
      const payments = readEnvFile(await decrypt(vault, 'infra/flux/apps/prod/payments.env', 'prod'));
      expect(payments.STRIPE_SECRET_KEY).toBe('https://STRIPE_SECRET_KEY.example');
    },
    perTestMs,
  );

  it(
    'cannot be read with the old key once they are encrypted for a new one',
    async () => {
      await makeKey(vault, 'dev');
      const file = 'infra/flux/delivery/dev/receiver.env';
      await encrypt(vault, file, 'token=one\n');
      const old = await readFile(keyFile(dir, 'dev'), 'utf8');

      await expect(rotateKey(vault, 'dev')).resolves.toEqual([file]);
      await expect(decrypt(vault, file, 'dev')).resolves.toContain('token=one');
      await dropOldKeys(vault, 'dev');
      await expect(decrypt(vault, file, 'dev')).resolves.toContain('token=one');
      await expect(readFile(keyFile(dir, 'dev'), 'utf8')).resolves.not.toContain(old.trim().split('\n').at(-1));

      await writeFile(keyFile(dir, 'dev'), old);
      await expect(decrypt(vault, file, 'dev')).rejects.toThrow('sops decrypt');
    },
    perTestMs,
  );
});

describe("auth's signing keys", () => {
  const settings = `MONGO_URL=mongodb://db\nSIGNING_KEYS=${JSON.stringify([{ kid: 'a' }, { kid: 'b' }])}\n`;
  const kids = (text: string) =>
    (JSON.parse(readEnvFile(text).SIGNING_KEYS ?? '') as { kid: string }[]).map(({ kid }) => kid);

  it('are replaced in two steps, so that every signature stays verifiable', () => {
    const signing = nextSigningKeys(settings, 'sign');
    expect(kids(signing)).toEqual(['b', 'a']);
    const renewed = nextSigningKeys(signing, 'renew');
    expect(kids(renewed)).toEqual(['b', expect.not.stringMatching(/^[ab]$/)]);
    expect(readEnvFile(renewed).MONGO_URL).toBe('mongodb://db');
  });

  it('are two', () => {
    expect(() => nextSigningKeys('SIGNING_KEYS=[{}]\n', 'sign')).toThrow('not two keys');
  });
});
