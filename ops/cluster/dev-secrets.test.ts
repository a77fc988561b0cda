import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { namesOf } from '@box-office/common/messaging/nats-users';
import { publicKeyOf } from '@box-office/common/messaging/nkey';
import { execa } from 'execa';
import { parse } from 'yaml';
import { services, storing } from '../../services.ts';

const root = resolve(import.meta.dirname, '../..');
const manifests = join(root, 'infra/k8s');
let dir: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'box-office-secrets-')));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const make = () => execa(process.execPath, [join(import.meta.dirname, 'dev-secrets.ts'), dir], { cwd: root });

async function settings(name: string): Promise<Map<string, string>> {
  const lines = (await readFile(join(dir, 'dev', `${name}.env`), 'utf8')).trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

it('creates what each service and each database needs, readable only by its owner', async () => {
  await make();
  const passwords: string[] = [];
  for (const service of storing) {
    const database = await settings(`mongo-${service}`);
    const url = new URL((await settings(service)).get('MONGO_URL') ?? '');
    expect(url.host).toBe(`mongo-${service}:27017`);
    expect(url.pathname).toBe(`/${service}`);
    expect(url.username).toBe(service);
    expect(url.username).toBe(database.get('SERVICE_USER'));
    expect(url.password).toBe(database.get('SERVICE_PASSWORD'));
    expect(url.searchParams.get('authSource')).toBe(service);
    const root = database.get('MONGO_INITDB_ROOT_PASSWORD') ?? '';
    for (const password of [url.password, root]) {
      expect(password.length).toBeGreaterThanOrEqual(32);
      expect(passwords).not.toContain(password);
      passwords.push(password);
    }
  }
  for (const user of namesOf(services)) {
    const keys = await settings(`nats-${user}`);
    expect(publicKeyOf(keys.get('NATS_SEED') ?? '')).toBe(keys.get('NATS_KEY'));
  }
  expect((await settings('auth')).get('SIGNING_KEYS')).toMatch(/^\[\{/);
  expect((await settings('payments')).get('STRIPE_SECRET_KEY')).toMatch(/^sk_test_/);
  for (const file of await readdir(join(dir, 'dev'))) {
    const { mode } = await stat(join(dir, 'dev', file));
    if (!file.endsWith('.yaml')) expect([file, mode & 0o077]).toEqual([file, 0]);
  }
});

it('issues certificates for NATS and for each database, later ones by the same authority', async () => {
  const pem = async (name: string) => new X509Certificate(await readFile(join(dir, 'dev', `${name}.pem`)));
  await make();
  const authority = await pem('internal-ca');
  expect(authority.ca).toBe(true);
  const before = await pem('tls-mongo-tickets');
  await rm(join(dir, 'dev/tls-mongo-orders.pem'));
  expect((await make()).stdout).toMatch(/Made 1 /);

  expect((await pem('internal-ca')).raw).toEqual(authority.raw);
  expect((await pem('tls-mongo-tickets')).raw).toEqual(before.raw);
  for (const server of ['nats', ...storing.map((service) => `mongo-${service}`)]) {
    const certificate = await pem(`tls-${server}`);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkHost(server)).toBe(server);
    expect(certificate.checkHost('tickets')).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(await readFile(join(dir, 'dev', `tls-${server}.pem`), 'utf8')).toMatch(/PRIVATE KEY/);
  }
  const { secretGenerator } = parse(await readFile(join(dir, 'dev', 'kustomization.yaml'), 'utf8'));
  const files = (secretGenerator as { files?: string[] }[]).flatMap(({ files = [] }) => files);
  expect(files).toContain('ca.pem=internal-ca.pem');
  expect(files).toContain('tls.pem=tls-mongo-orders.pem');
  // The key of the authority stays on this machine.
  expect(JSON.stringify(secretGenerator)).not.toContain('authority');
});

it('gives a service a user of its own where it was root in its database', async () => {
  await make();
  const file = (name: string) => join(dir, 'dev', `${name}.env`);
  await writeFile(file('mongo-orders'), 'MONGO_INITDB_ROOT_USERNAME=orders\nMONGO_INITDB_ROOT_PASSWORD=first\n');
  await writeFile(file('orders'), 'MONGO_URL=mongodb://orders:first@mongo-orders:27017/orders\nMORE=kept\n');
  const tickets = await settings('tickets');

  expect((await make()).stdout).toMatch(/Made 2 /);
  const database = await settings('mongo-orders');
  expect(database.get('MONGO_INITDB_ROOT_USERNAME')).toBe('orders');
  expect(database.get('MONGO_INITDB_ROOT_PASSWORD')).toBe('first');
  const orders = await settings('orders');
  expect(new URL(orders.get('MONGO_URL') ?? '').password).toBe(database.get('SERVICE_PASSWORD'));
  expect(orders.get('MORE')).toBe('kept');
  expect(orders.get('MONGO_URL')).toContain('tls=true');
  expect(await settings('tickets')).toEqual(tickets);
});

it('creates them once, and wraps each of the components around them', async () => {
  await make();
  const before = await settings('mongo-orders');
  expect((await make()).stdout).toMatch(/kept/);
  expect(await settings('mongo-orders')).toEqual(before);
  await rm(join(dir, 'dev/nats-orders.env'));
  expect((await make()).stdout).toMatch(/Made 1 /);
  expect(await settings('mongo-orders')).toEqual(before);

  const components = await readdir(join(manifests, 'components'));
  for (const name of components) {
    const { resources, components: around } = parse(await readFile(join(dir, name, 'kustomization.yaml'), 'utf8'));
    expect(resources).toEqual(['../dev']);
    expect(around.map((it: string) => resolve(dir, name, it))).toEqual([join(manifests, 'components', name)]);
  }
  const { resources } = parse(await readFile(join(dir, 'dev', 'kustomization.yaml'), 'utf8'));
  expect(resolve(dir, 'dev', resources[0])).toBe(join(manifests, 'overlays/dev'));
});
