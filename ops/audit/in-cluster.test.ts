import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { type KubectlStandIn, kubectlStandIn, secretWith, workloadWith } from '../cluster/kubectl-under-test.ts';
import { booksInCluster } from './in-cluster.ts';

const cluster = { context: 'it', namespace: 'box-office' };
const node = join(import.meta.dirname, '../../node_modules/.bin/node');

const inPod = (service: string) =>
  `mongodb://${service}:pass%40word@mongo-${service}:27017/${service}?tls=true&tlsCAFile=%2Fetc%2Finternal-ca%2Fca.pem`;
const managed = 'mongodb+srv://payments:word@db.example/payments';

/** Deployments whose Secrets hold these. */
function objects(settings: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const volumes = [{ name: 'internal-ca', secret: { secretName: 'internal-ca-1' } }];
  const each = Object.entries(settings).flatMap(([service, its]) => [
    [`deployment/${service}`, workloadWith({ envFrom: [{ secretRef: { name: `${service}-1` } }] }, volumes)],
    [`secret/${service}-1`, secretWith(its)],
  ]);
  return { ...Object.fromEntries(each), 'secret/internal-ca-1': secretWith({ 'ca.pem': 'the authority' }) };
}

describe('the books of a cluster', () => {
  let kubectl: KubectlStandIn;
  let server: Server;
  let ports: Record<string, number>;
  const { PATH } = process.env;

  beforeAll(async () => {
    kubectl = await kubectlStandIn();
    server = createServer((caller) => caller.end('here')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    ports = Object.fromEntries(
      ['statefulset/mongo-tickets', 'statefulset/mongo-orders', 'deployment/stripe-sandbox'].map((it) => [it, port]),
    );
  });

  afterAll(async () => {
    process.env.PATH = PATH;
    server.close();
    await kubectl.remove();
  });

  const answerAt = (port: string) =>
    new Promise<string>((resolve, reject) => {
      connect(Number(port), '127.0.0.1')
        .once('data', (chunk) => resolve(chunk.toString()))
        .once('error', reject);
    });

  it('are where its services have them: pods by forwarded ports, a managed database by its own address', async () => {
    const settings = {
      tickets: { MONGO_URL: inPod('tickets') },
      orders: { MONGO_URL: inPod('orders') },
      payments: { MONGO_URL: managed, STRIPE_SECRET_KEY: 'sk_1', STRIPE_API_URL: 'http://stripe-sandbox:3000' },
    };
    Object.assign(process.env, kubectl.env({ objects: objects(settings), ports }));
    const { addresses, end } = await booksInCluster(cluster);
    expect(addresses).toMatchObject({ payments: managed, stripeKey: 'sk_1' });
    const found = [addresses.tickets, addresses.orders].map((url) =>
      /^mongodb:\/\/(\w+):pass%40word@localhost:(\d+)\/\1\?tls=true&tlsCAFile=(\S+)$/.exec(url),
    );
    for (const [index, service] of ['tickets', 'orders'].entries()) {
      const [, user, port = '', file = ''] = found[index] ?? [];
      expect(user).toBe(service);
      expect(await answerAt(port)).toBe('here');
      expect(await readFile(decodeURIComponent(file), 'utf8')).toBe('the authority');
    }
    const [, stripe = ''] = /^http:\/\/127\.0\.0\.1:(\d+)$/.exec(addresses.stripeUrl ?? '') ?? [];
    expect(await answerAt(stripe)).toBe('here');
    end();
  });

  it('have Stripe’s own address where no other is set', async () => {
    const database = { MONGO_URL: managed };
    const settings = { tickets: database, orders: database, payments: { ...database, STRIPE_SECRET_KEY: 'sk_1' } };
    Object.assign(process.env, kubectl.env({ objects: objects(settings) }));
    const { addresses, end } = await booksInCluster(cluster);
    expect(addresses.stripeUrl).toBeUndefined();
    end();
  });

  it('are not opened if a service has no database, or payments no key', async () => {
    for (const missing of ['MONGO_URL', 'STRIPE_SECRET_KEY']) {
      const settings = { MONGO_URL: managed, STRIPE_SECRET_KEY: 'sk_1', [missing]: '' };
      const all = { tickets: { MONGO_URL: managed }, orders: { MONGO_URL: managed }, payments: settings };
      Object.assign(process.env, kubectl.env({ objects: objects(all) }));
      await expect(booksInCluster(cluster)).rejects.toThrow(`A service of the cluster has no ${missing}.`);
    }
  });

  it.each([
    ['what kubectl says', ['--context', 'it'], /^kubectl could not reach deployment\/tickets of it: .*not found/],
    ['two places at once', ['--context', 'it', '--state', 'here'], /^Either --context or --state\.$/],
  ])('are refused by the command with %s', async (_, args, words) => {
    const options = { env: kubectl.env(), reject: false } as const;
    const { exitCode, stdout, stderr } = await execa(node, [join(import.meta.dirname, 'main.ts'), ...args], options);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
  });
});
