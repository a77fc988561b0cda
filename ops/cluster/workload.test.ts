import { clusterOf, forward, KubectlFailed } from './kubectl.ts';
import { type KubectlStandIn, kubectlStandIn, secretWith, workloadWith } from './kubectl-under-test.ts';
import { workload } from './workload.ts';

const cluster = { context: 'kind-box-office', namespace: 'box-office' };

const objects = {
  'deployment/payments': workloadWith(
    {
      envFrom: [{ configMapRef: { name: 'settings-2m7f' } }, { secretRef: { name: 'payments-h9k2' } }],
      env: [
        { name: 'MODE', value: 'its own' },
        { name: 'NATS_SEED', valueFrom: { secretKeyRef: { name: 'nats-payments-c4', key: 'NATS_SEED' } } },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
    },
    [
      { name: 'scratch', emptyDir: {} },
      { name: 'internal-ca', secret: { secretName: 'internal-ca-88' } },
    ],
  ),
  'configmap/settings-2m7f': { data: { MODE: 'all', STRIPE_API_URL: 'http://stripe-sandbox:3000', LEVEL: 'info' } },
  'secret/payments-h9k2': secretWith({ MONGO_URL: 'mongodb://päyments', LEVEL: 'debug' }),
  // Of an earlier start of the cluster.
  'secret/payments': secretWith({ MONGO_URL: 'mongodb://old' }),
  'secret/nats-payments-c4': secretWith({ NATS_KEY: 'U1', NATS_SEED: 'SU1' }),
  'secret/internal-ca-88': secretWith({ 'ca.pem': 'a certificate' }),
};

describe('the options for a cluster', () => {
  it('name one, none, or are refused', () => {
    expect(clusterOf({ context: undefined, namespace: undefined })).toBeUndefined();
    expect(clusterOf({ context: 'it', namespace: undefined })).toEqual({ context: 'it', namespace: 'box-office' });
    expect(clusterOf({ context: 'it', namespace: 'pr-7' })).toEqual({ context: 'it', namespace: 'pr-7' });
  });

  it.each([
    ['an empty context, which is the current one to kubectl', { context: '', namespace: undefined }],
    ['an empty namespace', { context: 'it', namespace: '' }],
    ['a namespace of no cluster', { context: undefined, namespace: 'pr-7' }],
  ])('are refused with %s', (_, given) => {
    expect(() => clusterOf(given)).toThrow('--namespace needs --context, and neither may be empty.');
  });
});

describe('a workload of a cluster', () => {
  let kubectl: KubectlStandIn;
  const before = { ...process.env };

  beforeAll(async () => {
    kubectl = await kubectlStandIn();
  });

  beforeEach(() => Object.assign(process.env, kubectl.env({ objects })));

  afterAll(async () => {
    process.env.PATH = before.PATH;
    await kubectl.remove();
  });

  it('has the environment that its container gets: later sources first, and its own variables before all', async () => {
    const payments = await workload(cluster, 'deployment/payments');
    expect(await payments.environment()).toEqual({
      MODE: 'its own',
      STRIPE_API_URL: 'http://stripe-sandbox:3000',
      LEVEL: 'debug',
      MONGO_URL: 'mongodb://päyments',
    });
    expect((await kubectl.noted()).args.slice(0, 4)).toEqual([
      '--context=kind-box-office',
      '--namespace=box-office',
      'get',
      'secret/payments-h9k2',
    ]);
  });

  it('names the Secrets behind a variable and in a volume', async () => {
    const payments = await workload(cluster, 'deployment/payments');
    expect(await payments.secretBehind('NATS_SEED')).toEqual({ NATS_KEY: 'U1', NATS_SEED: 'SU1' });
    expect(await payments.secretIn('internal-ca')).toEqual({ 'ca.pem': 'a certificate' });
    for (const name of ['POD_NAME', 'MODE', 'NOTHING'])
      await expect(payments.secretBehind(name)).rejects.toThrow(`deployment/payments has no ${name} from a Secret`);
    for (const name of ['scratch', 'nothing'])
      await expect(payments.secretIn(name)).rejects.toThrow(`no volume ${name} with a Secret`);
  });

  it.each([
    ['error: context "kind-box-office" does not exist', /^kubectl knows no context "kind-box-office"/],
    ['Error: secrets "x" is forbidden: no', /^kubectl could not reach deployment\/mail of kind-box-office: Error: sec/],
  ])('cannot be told when kubectl says: %s', async (says, words) => {
    Object.assign(process.env, kubectl.env({ says }));
    const asked = workload(cluster, 'deployment/mail');
    await expect(asked).rejects.toThrow(KubectlFailed);
    await expect(asked).rejects.toThrow(words);
    await expect(asked).rejects.toMatchObject({ said: says });
    await expect(forward(cluster, 'statefulset/nats', 4222)).rejects.toMatchObject({ said: says });
  });
});
