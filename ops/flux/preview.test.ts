import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { add, expire, remove } from './preview.ts';

const day = 24 * 60 * 60 * 1_000;
const now = new Date('2030-01-01T00:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * day);
const sealed = (value: string) => JSON.stringify({ data: `ENC[${value}]`, sops: { mac: 'ENC[x]' } });
const encrypted = (value: string) => `A=ENC[${value}]\nsops_mac=ENC[x]\n`;

let dir: string;
let rendered: string;
let previews: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-previews-'));
  rendered = join(dir, 'rendered');
  previews = join(dir, 'previews');
  await mkdir(rendered);
  await writeFile(join(rendered, 'manifests.yml'), 'kind: Namespace\nmetadata:\n  name: box-office-pr-7\n');
  await writeFile(join(rendered, 'auth.env'), encrypted('first'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const text = (file: string) => readFile(join(previews, file), 'utf8');
const listed = async () => (parse(await text('kustomization.yaml')) as { resources: string[] }).resources;

it('is added with its manifests, applied by an account with few rights', async () => {
  await add(rendered, 7, previews, now);
  await expect(listed()).resolves.toEqual(['pr-7.yml']);
  expect(parse(await text('pr-7.yml'))).toMatchObject({
    spec: { serviceAccountName: 'previews', sourceRef: { name: 'previews' }, prune: true, wait: true },
  });
  expect(parse(await text('pr-7/kustomization.yaml'))).toMatchObject({
    resources: ['manifests.yml'],
    secretGenerator: [{ name: 'auth', namespace: 'box-office-pr-7', envs: ['auth.env'] }],
  });
});

it('keeps its secrets when it is rendered again, because its databases use them', async () => {
  await add(rendered, 7, previews, now);
  await writeFile(join(rendered, 'auth.env'), encrypted('second'));
  await writeFile(join(rendered, 'manifests.yml'), 'kind: Namespace\nmetadata:\n  name: other\n');
  await add(rendered, 7, previews, now);
  await expect(text('pr-7/auth.env')).resolves.toBe(encrypted('first'));
  await expect(text('pr-7/manifests.yml')).resolves.toContain('name: other');
});

it('takes all certificates anew where one is missing, because they are of one authority', async () => {
  const pems = (value: string, ...names: string[]) =>
    Promise.all(names.map((name) => writeFile(join(rendered, `${name}.pem`), sealed(value))));
  await pems('first', 'internal-ca', 'tls-nats');
  await add(rendered, 7, previews, now);
  await pems('second', 'internal-ca', 'tls-nats');
  await add(rendered, 7, previews, now);
  await expect(text('pr-7/tls-nats.pem')).resolves.toBe(sealed('first'));
  await pems('third', 'internal-ca', 'tls-nats', 'tls-mongo-new');
  await add(rendered, 7, previews, now);
  for (const name of ['internal-ca', 'tls-nats', 'tls-mongo-new'])
    await expect(text(`pr-7/${name}.pem`)).resolves.toBe(sealed('third'));

  await writeFile(join(rendered, 'tls-nats.pem'), '-----BEGIN CERTIFICATE-----');
  await expect(add(rendered, 8, previews, now)).rejects.toThrow('tls-nats.pem is not encrypted');
});

it('is not added with an unencrypted secret, nor with files of other kinds', async () => {
  await writeFile(join(rendered, 'pr-8.yml'), 'kind: Kustomization\nmetadata:\n  name: pr-8\n');
  await add(rendered, 7, previews, now);
  expect(await readdir(join(previews, 'pr-7'))).toEqual(['auth.env', 'kustomization.yaml', 'manifests.yml']);

  await writeFile(join(rendered, 'auth.env'), 'A=open\n');
  await expect(add(rendered, 8, previews, now)).rejects.toThrow('auth.env is not encrypted');
});

it('is removed when its pull request is closed, and the others stay', async () => {
  await add(rendered, 7, previews, now);
  await add(rendered, 12, previews, now);
  await remove(7, previews);
  await expect(listed()).resolves.toEqual(['pr-12.yml']);
  expect(await readdir(previews)).toEqual(['kustomization.yaml', 'pr-12', 'pr-12.yml']);
  // Closed twice, or never added.
  await remove(7, previews);
});

it('ends a week after the last commit to it', async () => {
  await add(rendered, 7, previews, now);
  await add(rendered, 12, previews, now);
  await add(rendered, 12, previews, later(3));
  await expect(expire(previews, later(6))).resolves.toEqual([]);
  await expect(expire(previews, later(8))).resolves.toEqual([7]);
  await expect(expire(previews, later(11))).resolves.toEqual([12]);
  await expect(listed()).resolves.toEqual([]);
});
