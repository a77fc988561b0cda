import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { storing } from '../../services.ts';

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
  for (const service of storing) {
    const database = await settings(`mongo-${service}`);
    const url = new URL((await settings(service)).get('MONGO_URL') ?? '');
    expect(url.host).toBe(`mongo-${service}:27017`);
    expect(url.username).toBe(database.get('MONGO_INITDB_ROOT_USERNAME'));
    expect(url.password).toBe(database.get('MONGO_INITDB_ROOT_PASSWORD'));
    expect(url.password.length).toBeGreaterThanOrEqual(32);
  }
  expect((await settings('auth')).get('SIGNING_KEYS')).toMatch(/^\[\{/);
  expect((await settings('payments')).get('STRIPE_SECRET_KEY')).toMatch(/^sk_test_/);
  for (const file of await readdir(join(dir, 'dev'))) {
    const { mode } = await stat(join(dir, 'dev', file));
    if (!file.endsWith('.yaml')) expect([file, mode & 0o077]).toEqual([file, 0]);
  }
});

it('creates them once, and wraps each of the components around them', async () => {
  await make();
  const before = await settings('mongo-orders');
  expect((await make()).stdout).toMatch(/kept/);
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
