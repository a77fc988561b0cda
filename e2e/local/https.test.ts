import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesOf, readGateway, renderRules, routed } from '@box-office/local/gateway';
import { localCertificate } from '@box-office/local/https';
import { parse } from 'yaml';
import { z } from 'zod';

const Rules = z.object({
  http: z.object({
    routers: z.record(
      z.string(),
      z.object({ entryPoints: z.array(z.string()), middlewares: z.array(z.string()).optional() }),
    ),
  }),
});

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-https-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const names = ['localhost', '127.0.0.1'];
const nothing = { PATH: '' };
const read = async (file: string) => new X509Certificate(await readFile(file));

describe('the certificate of a shop on this machine', () => {
  it('is made for its names, readable by its owner alone, and kept', async () => {
    const { certificate, key, issuer } = await localCertificate(dir, names, nothing);
    expect(issuer).toMatch(/^Browsers warn about its certificate/);
    const made = await read(certificate);
    expect([made.checkHost('localhost'), made.checkIP('127.0.0.1')]).toEqual(names);
    expect(made.checkHost('example.com')).toBeUndefined();
    expect(made.verify((await read(join(dir, 'authority.pem'))).publicKey)).toBe(true);
    expect((await stat(key)).mode & 0o077).toBe(0);

    await localCertificate(dir, ['localhost'], nothing);
    expect((await read(certificate)).raw).toEqual(made.raw);
  });

  it('is made anew for another name', async () => {
    const { certificate } = await localCertificate(dir, names, nothing);
    await localCertificate(dir, [...names, '192.168.7.5'], nothing);
    expect((await read(certificate)).checkIP('192.168.7.5')).toBe('192.168.7.5');
  });

  it('comes from mkcert where that is installed', async () => {
    const program = join(dir, 'mkcert');
    await writeFile(program, '#!/bin/sh\necho "$*" > "$2"\n');
    await chmod(program, 0o700);
    const { certificate, key, issuer } = await localCertificate(dir, names, { PATH: `${dir}:${process.env.PATH}` });
    expect(issuer).toBe('Its certificate comes from mkcert.');
    expect(await readFile(certificate, 'utf8')).toBe(
      `-cert-file ${certificate} -key-file ${key} localhost 127.0.0.1\n`,
    );
  });
});

it('counts the searches of callers from outside, not those that the shop makes for all of its visitors', async () => {
  const urls = { auth: ['http://127.0.0.1:1'], ...Object.fromEntries(routed.map((name) => [name, ['http://a:1']])) };
  const https = { certificate: 'shop.pem', key: 'shop-key.pem', internalPort: 2, sandboxPort: 3 };
  const { http } = Rules.parse(parse(renderRules(await readGateway(), urls, 4, namesOf(), https)));
  const of = (isSearch: boolean) =>
    Object.entries(http.routers)
      .filter(([name, { middlewares = [] }]) => name !== 'sandbox' && middlewares.includes('searches') === isSearch)
      .map(([name, { entryPoints }]) => [name, entryPoints]);
  expect(of(true)).toEqual([
    ['outside-2', ['web']],
    ['outside-3', ['web']],
  ]);
  expect(of(false)).toContainEqual(['public-3', ['web', 'internal']]);
});
