import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { connectStore } from '@box-office/common/store/mongo';
import { findMongo, startMongo } from '@box-office/local/engines';
import { newSecrets } from '@box-office/local/secrets';
import { devSecrets, type Settings } from '@box-office/ops/cluster/secrets';
import { authorityFile, newInternalAuthority, tlsFiles } from '@box-office/ops/cluster/tls';
import { z } from 'zod';
import { storing } from '../services.ts';

const script = resolve(import.meta.dirname, '../infra/k8s/base/mongo/template/user.js');

let dir: string;
let server: Awaited<ReturnType<typeof startMongo>>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-mongo-users-'));
});

afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(locks?: readonly string[]): Promise<void> {
  const env = { ...process.env, MONGO_URL: '' };
  server = await startMongo({ dir, env, found: await findMongo({ env }), ...(locks ? { args: locks } : {}) });
}

/** As in infra/k8s/base/mongo/template/stateful-set.yml. */
async function locksOf(database: string): Promise<string[]> {
  const authority = await newInternalAuthority();
  const files = tlsFiles('dev', async () => authority);
  for (const name of ['internal-ca', `tls-mongo-${database}`])
    await writeFile(join(dir, `${name}.pem`), (await files.get(name)?.()) ?? '');
  const [own, ca] = [join(dir, `tls-mongo-${database}.pem`), join(dir, 'internal-ca.pem')];
  const found = await findMongo({ env: { ...process.env, MONGO_URL: '' } });
  return found.kind === 'program' && found.program === 'mongod'
    ? ['--auth', '--tlsMode=requireTLS', `--tlsCertificateKeyFile=${own}`, `--tlsCAFile=${ca}`].concat(
        '--tlsAllowConnectionsWithoutCertificates',
      )
    : ['--auth', '--tls-cert-file', own, '--tls-key-file', own];
}

/** What mongosh does at the start of a database's pod, with the Secret of that pod as its environment. */
async function createUser(url: string, settings: Settings | undefined): Promise<void> {
  const connection = await connectStore(url, 'test');
  const db = {
    getSiblingDB: (name: string) => ({
      runCommand: (command: object) => connection.useDb(name).db?.command({ ...command }),
    }),
  };
  try {
    const text = await readFile(script, 'utf8');
    await runInNewContext(text, { db, process: { env: settings } });
  } finally {
    await connection.close();
  }
}

/** The address of a Secret, at the server of this test. */
const here = (settings: Settings | undefined) => {
  const url = new URL(settings?.MONGO_URL ?? '');
  url.host = `localhost:${new URL(server.url).port}`;
  expect(url.searchParams.get('tlsCAFile')).toBe(authorityFile);
  url.searchParams.set('tlsCAFile', join(dir, 'internal-ca.pem'));
  return url.href;
};

/** The databases that whoever connects with this address may write to. */
async function writable(url: string): Promise<string[]> {
  const connection = await connectStore(url, 'test');
  try {
    const tried = await Promise.all(
      [...storing, 'admin'].map(async (name) => {
        const writing = connection.useDb(name).collection('tried').insertOne({});
        return writing.then(
          () => [name],
          () => [],
        );
      }),
    );
    await connection.collection('tried').createIndex({ at: 1 }, { unique: true, sparse: true });
    await expect(connection.db?.command({ createUser: 'more', pwd: 'more', roles: [] })).rejects.toThrow();
    return tried.flat();
  } finally {
    await connection.close();
  }
}

/** The databases that whoever connects with this address may read, and writes nothing to. */
async function readable(url: string): Promise<string[]> {
  const connection = await connectStore(url, 'test');
  try {
    const own = connection.db?.collection('tried');
    await expect(own?.insertOne({})).rejects.toThrow();
    await expect(own?.deleteMany({})).rejects.toThrow();
    await expect(own?.createIndex({ at: -1 })).rejects.toThrow();
    const tried = await Promise.all(
      [...storing, 'admin'].map(async (name) => {
        const reading = connection.useDb(name).collection('tried').findOne({});
        return reading.then(
          () => [name],
          () => [],
        );
      }),
    );
    return tried.flat();
  } finally {
    await connection.close();
  }
}

it('gives each service, and a console that only reads, a user of its own, who connects by TLS and has its database and nothing else', async () => {
  const [before, secrets] = [devSecrets(newSecrets()), devSecrets(newSecrets())];
  await start();
  await createUser(server.url, before.get('mongo-orders'));
  await createUser(server.url, { ...secrets.get('mongo-auth'), READER_PASSWORD: 'until it is turned off' });
  const connection = await connectStore(server.url, 'test');
  await connection.useDb('orders').db?.command({ updateUser: 'orders', roles: [{ role: 'root', db: 'admin' }] });
  await connection.close();
  const withConsole: readonly string[] = storing.filter((it) => it !== 'auth');
  const ofConsole = secrets.get('console') ?? {};
  for (const service of storing) {
    const reader = { READER_PASSWORD: ofConsole[`READER_${service.toUpperCase()}`] ?? '' };
    const given = withConsole.includes(service) ? reader : {};
    await createUser(server.url, { ...secrets.get(`mongo-${service}`), ...given });
  }
  await server.stop();

  await start(await locksOf('orders'));
  await expect(connectStore(server.url, 'test')).rejects.toThrow();
  for (const service of storing) expect(await writable(here(secrets.get(service)))).toEqual([service]);
  await expect(connectStore(here(before.get('orders')), 'test')).rejects.toThrow();

  const urls = z.record(z.string(), z.string()).parse(JSON.parse(ofConsole.MONGO_URLS ?? ''));
  for (const service of withConsole)
    expect(await readable(here({ MONGO_URL: urls[service] ?? '' }))).toEqual([service]);
  await expect(connectStore(here({ MONGO_URL: urls.auth ?? '' }), 'test')).rejects.toThrow();
  const auth = new URL(urls.auth ?? '');
  auth.password = 'until it is turned off';
  await expect(connectStore(here({ MONGO_URL: auth.href }), 'test')).rejects.toThrow();
});
