import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectBus } from '@box-office/common/messaging/bus';
import { keyVariable, namesOf, operatorName } from '@box-office/common/messaging/nats-users';
import { newSeed, publicKeyOf } from '@box-office/common/messaging/nkey';
import { deadLetterStream } from '@box-office/common/messaging/topology';
import { eventually } from '@box-office/common/testing/eventually';
import { issue } from '@box-office/local/certificates';
import { findNats } from '@box-office/local/engines';
import { freePort } from '@box-office/local/ports';
import { kubectlStandIn, secretWith, workloadWith } from '@box-office/ops/cluster/kubectl-under-test';
import { newInternalAuthority, serversOf, tlsFiles } from '@box-office/ops/cluster/tls';
import { execa } from 'execa';
import { parse } from 'yaml';
import { z } from 'zod';
import { services } from '../services.ts';

const manifests = resolve(import.meta.dirname, '../infra/k8s');
const seeds = new Map(namesOf(services).map((name) => [name, newSeed()]));
const keys = Object.fromEntries([...seeds].map(([name, seed]) => [keyVariable(name), publicKeyOf(seed)]));

let dir: string;
let ca: string;
let program: string;
const stopping: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-nats-conf-'));
  ca = join(dir, 'own-internal-ca.pem');
  const found = await findNats({ env: { ...process.env, NATS_URL: '' } });
  if (found.kind === 'address') throw new Error('a program was looked for');
  program = found.path;
  const authorities = { own: await newInternalAuthority(), strange: await newInternalAuthority() };
  for (const [whose, authority] of Object.entries(authorities))
    for (const [name, make] of tlsFiles('prod', async () => authority))
      await writeFile(join(dir, `${whose}-${name}.pem`), await make());
  const { certificate, key } = await issue(authorities.own, ['elsewhere'], 1);
  await writeFile(join(dir, 'elsewhere.pem'), certificate + key);
});

afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

afterAll(() => rm(dir, { recursive: true, force: true }));

interface Options {
  readonly clusterConf: string;
  readonly certificate?: string;
  /** The ports on which the servers of a cluster call each other, by number. */
  readonly routes?: readonly number[];
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const server = execa(program, args, { env, reject: false });
  stopping.push(() => {
    server.kill('SIGKILL');
    return server;
  });
  return server;
}

/** A server as it is in a pod, but with its files in the folder of this test, and with ports that are free. */
async function start(number: number, { clusterConf, certificate = 'own-tls-nats', routes = [] }: Options) {
  const [port, monitor] = [await freePort(), await freePort()];
  const here = (text: string) =>
    text
      .replaceAll('/etc/nats-tls/tls.pem', join(dir, `${certificate}.pem`))
      .replaceAll('/etc/nats-tls/ca.pem', ca)
      .replace('store_dir: /data', `store_dir: ${JSON.stringify(join(dir, `data-${port}`))}`)
      .replace('port: 4222', `host: "localhost"\nport: ${port}`)
      .replace('http: 8222', `http: "127.0.0.1:${monitor}"`)
      .replace('port: 6222', `host: "localhost"\n  port: ${routes[number]}`)
      .replace(/nats:\/\/nats-(\d)\.nats-headless:6222/g, (_, other) => `nats://localhost:${routes[Number(other)]}`);
  const conf = join(dir, `nats-${number}.conf`);
  const text = await readFile(join(manifests, 'base/nats/nats.conf'), 'utf8');
  await copyFile(join(manifests, 'base/nats/users.conf'), join(dir, 'users.conf'));
  await writeFile(conf, here(text).replace('./cluster.conf', `./cluster-${number}.conf`));
  await writeFile(join(dir, `cluster-${number}.conf`), here(await readFile(join(manifests, clusterConf), 'utf8')));
  const server = run(['-c', conf], { POD_NAME: `nats-${number}`, ...keys });
  let log = '';
  server.stderr.on('data', (chunk) => {
    log += chunk;
  });
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${monitor}/healthz?js-enabled-only=true`)).status).toBe(200);
  });
  return { port, monitor, log: () => log };
}

/** @returns whether the server asked for TLS */
async function connect(scheme: 'nats' | 'tls', port: number, caFile?: string): Promise<boolean> {
  const bus = await connectBus(`${scheme}://localhost:${port}`, 'orders', { seed: seeds.get('orders'), caFile });
  const { tls_required: asked = false } = bus.connection.info ?? {};
  await bus.close();
  return asked;
}

/** Runs `npm run dead-letters` from outside, with the port and the Secrets of a cluster. */
async function deadLetters(args: readonly string[], port: number) {
  const kubectl = await kubectlStandIn();
  stopping.push(() => kubectl.remove());
  const { spec } = parse(await readFile(join(manifests, 'base/nats/stateful-set.yml'), 'utf8'));
  const objects = {
    'statefulset/nats': { spec },
    'secret/nats-operator': secretWith({ NATS_SEED: seeds.get(operatorName) ?? '' }),
    'deployment/tickets': workloadWith({}, [{ name: 'internal-ca', secret: { secretName: 'ca-1' } }]),
    'secret/ca-1': secretWith({ 'ca.pem': await readFile(ca, 'utf8') }),
  };
  const env = { NATS_URL: '', ...kubectl.env({ objects, ports: { 'statefulset/nats': port } }) };
  const main = resolve(import.meta.dirname, '../ops/dead-letters/main.ts');
  return execa(process.execPath, [main, ...args], { env, reject: false });
}

describe('NATS as it is configured in a cluster', () => {
  const clusterConf = 'base/nats/cluster.conf';

  it('lets its operator look at dead letters from outside', async () => {
    const { port } = await start(0, { clusterConf });
    const bus = await connectBus(`tls://localhost:${port}`, operatorName, {
      seed: seeds.get(operatorName),
      caFile: ca,
    });
    await bus.jsm.streams.add({ name: deadLetterStream, subjects: [`${deadLetterStream}.>`] });
    await bus.js.publish(`${deadLetterStream}.orders.tickets`, 'hello');
    await bus.close();
    const { stdout, stderr, exitCode } = await deadLetters(['--json', '--context', 'it'], port);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ number: 1, service: 'orders', payload: btoa('hello') });
    const two = await deadLetters(['--context', 'it', '--state', 'here'], port);
    expect([two.exitCode, two.stderr]).toEqual([2, 'Either --context, or --nats or --state.']);
  });

  it('takes a service that trusts the authority of the cluster, and nobody without TLS', async () => {
    const { port } = await start(0, { clusterConf });
    expect(await connect('tls', port, ca)).toBe(true);
    await expect(connect('tls', port)).rejects.toThrow(/certificate/);
    await expect(connect('tls', port, join(dir, 'strange-internal-ca.pem'))).rejects.toThrow(/certificate/);
    const answer = await plainly(port);
    expect(answer).toMatch(/^INFO .*"tls_required":true/);
    expect(answer).not.toMatch(/PONG/);
  });

  it.each(['strange-tls-nats', 'elsewhere'])(
    'is not taken for the bus with the certificate %s',
    async (certificate) => {
      const { port } = await start(0, { clusterConf, certificate });
      await expect(connect('tls', port, ca)).rejects.toThrow(/certificate|Hostname/);
    },
  );

  it('has servers that find each other by their certificates, and takes none with a strange one', async () => {
    const routes = [await freePort(), await freePort(), await freePort()];
    const cluster = { clusterConf: 'overlays/prod/cluster.conf', routes };
    const first = await start(0, cluster);
    await start(1, cluster);
    const peers = async () => {
      const answer = await fetch(`http://127.0.0.1:${first.monitor}/routez`);
      const found = z.object({ routes: z.array(z.object({ remote_name: z.string() })) }).parse(await answer.json());
      return [...new Set(found.routes.map((it) => it.remote_name))];
    };
    await eventually(async () => expect(await peers()).toEqual(['nats-1']));

    await start(2, { ...cluster, certificate: 'strange-tls-nats' });
    await eventually(() => expect(first.log()).toMatch(/TLS route handshake error/));
    expect(await peers()).toEqual(['nats-1']);
  });

  it('has the names by which it is called in its certificate', () => {
    expect(serversOf('prod').get('tls-nats')).toEqual(
      expect.arrayContaining(['nats', 'nats-0.nats-headless', 'nats-1.nats-headless', 'nats-2.nats-headless']),
    );
  });
});

/** What a client is answered that knows nothing of TLS, until the server hangs up. */
async function plainly(port: number): Promise<string> {
  const socket = createConnection({ host: 'localhost', port });
  socket.write('CONNECT {"verbose":true}\r\nPING\r\n');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // It may reset the connection.
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return answer;
}

it('does not speak plainly where TLS is expected', async () => {
  const port = await freePort();
  run(['-a', 'localhost', '-p', `${port}`, '-js', '-sd', join(dir, 'plain')]);
  await eventually(async () => expect(await connect('nats', port)).toBe(false));
  for (const scheme of ['nats', 'tls'] as const) await expect(connect(scheme, port, ca)).rejects.toThrow(/tls/i);
  await expect(connect('tls', port)).rejects.toThrow(/tls/i);
});
