import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import type { Manifest } from '@box-office/ops/cluster/manifests';
import { workload } from '@box-office/ops/cluster/workload';
import { type ApiServer, startApiServer } from './api-server.ts';
import { fluxPlants } from './flux-plants.ts';
import { findGround } from './ground.ts';
import { type Plant, plants } from './plants.ts';
import { admitPods, applyStage } from './staged.ts';
import { build, type Cluster, manifestsIn } from './tree.ts';
import { type Finding, type VerifyOptions, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  The manifests are not verified: ${ground}`);
/** Long enough for a busy machine; only a hang exceeds it. */
const perVerifyMs = 600_000;

let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'box-office-manifests-'));
  for (const part of ['infra/k8s', 'infra/k8s-setup', 'infra/flux', '.sops.yaml'])
    await cp(join(root, part), join(copy, part), { recursive: true });
});

afterEach(() => rm(copy, { recursive: true, force: true }));

/** The faults in the copy, as `check: fault`. */
async function faults(cluster: Cluster, server: ApiServer | 'none' | 'empty', flux: VerifyOptions['flux'] = 'none') {
  if (typeof ground === 'string') throw new Error(ground);
  const where = server === 'empty' ? {} : { server };
  const findings = await verify({ root: copy, ...ground, clusters: [cluster], flux, ...where });
  for (const { check, skipped } of findings) if (skipped) console.warn(`SKIPPED  ${cluster}  ${check}: ${skipped}`);
  return findings.flatMap(({ check, faults }: Finding) => faults.map((fault) => `${check}: ${fault}`));
}

/** Plants all errors at once. */
async function findsAll(planted: readonly Omit<Plant, 'cluster' | 'shows'>[], look: () => Promise<string[]>) {
  for (const { plant } of planted) await plant(copy);
  const all = await look();
  expect(planted.length).toBeGreaterThan(0);
  for (const { what, found } of planted)
    expect([what, all]).toEqual([what, expect.arrayContaining([expect.stringMatching(found)])]);
}

(typeof ground === 'string' ? describe.skip : describe)('npm run verify', () => {
  /** Each has a whole cluster applied after the first test. */
  const servers = {} as Record<Cluster, ApiServer>;
  let scratch: string;

  beforeAll(async () => {
    if (typeof ground === 'string') return;
    scratch = await mkdtemp(join(tmpdir(), 'box-office-servers-'));
    for (const cluster of ['dev', 'prod'] as const)
      servers[cluster] = await startApiServer(ground.assets, join(scratch, cluster));
  }, perVerifyMs);

  afterAll(async () => {
    for (const server of Object.values(servers)) await server.stop();
    await rm(scratch, { recursive: true, force: true });
  }, perVerifyMs);

  it.each(['dev', 'prod'] as const)(
    'finds no fault in %s',
    async (cluster) => {
      expect(await faults(cluster, servers[cluster], 'configuration')).toEqual([]);
    },
    perVerifyMs,
  );

  it.each(['dev', 'prod'] as const)(
    'has in %s what the commands with --context look for',
    async (name) => {
      if (typeof ground === 'string') throw new Error(ground);
      const { KUBECONFIG, PATH } = process.env;
      Object.assign(process.env, { KUBECONFIG: servers[name].kubeconfig, PATH: `${ground.assets}:${PATH}` });
      const there = { context: 'it', namespace: 'box-office' };
      try {
        const nats = await workload(there, 'statefulset/nats');
        expect(await nats.secretBehind('NKEY_OPERATOR')).toHaveProperty('NATS_SEED');
        const [tickets, orders, payments] = await Promise.all(
          ['tickets', 'orders', 'payments'].map((service) => workload(there, `deployment/${service}`)),
        );
        expect(Object.keys((await tickets?.secretIn('internal-ca')) ?? {})).toEqual(['ca.pem']);
        for (const service of [tickets, orders, payments])
          expect(await service?.environment()).toHaveProperty('MONGO_URL');
        expect(await payments?.environment()).toHaveProperty('STRIPE_SECRET_KEY');
      } finally {
        Object.assign(process.env, { PATH });
        if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
        else process.env.KUBECONFIG = KUBECONFIG;
      }
    },
    perVerifyMs,
  );

  it.each(plants.filter(({ shows }) => shows !== 'from empty'))(
    'finds $what',
    async ({ cluster, shows, plant, found }) => {
      await plant(copy);
      const server = shows === 'read' ? 'none' : servers[cluster];
      expect(await faults(cluster, server)).toContainEqual(expect.stringMatching(found));
    },
    perVerifyMs,
  );

  it(
    'finds every kind that is used before its stage',
    () =>
      findsAll(
        plants.filter(({ shows }) => shows === 'from empty'),
        () => faults('prod', 'empty'),
      ),
    perVerifyMs,
  );

  it.each(['dev', 'prod'] as const)(
    'finds every error that is planted in the configuration of Flux for %s',
    async (cluster) => {
      const server = servers[cluster];
      if (cluster === 'dev') await forgetPolicies(server);
      await findsAll(fluxPlants[cluster], () => faults(cluster, server, 'configuration'));
    },
    perVerifyMs,
  );

  it.each(['debug', 'selling', 'without-shop', 'console'])(
    'finds no fault in dev with the component %s',
    async (component) => {
      const manifests = await variant(component);
      const server = servers.dev;
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
      expect([...(await applyStage(server, list)), ...(await admitPods(server, manifests))]).toEqual([]);
    },
    perVerifyMs,
  );

  it(
    'lets those who may see the console reach its pod, and do nothing else',
    async () => {
      const server = servers.dev;
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await variant('console') });
      expect(await applyStage(server, list)).toEqual([]);
      const may = async (...what: string[]) => {
        const as = ['--as=somebody', '--as-group=console-viewers', '--namespace=box-office'];
        return (await server.kubectl(['auth', 'can-i', ...what, ...as])).stdout.trim();
      };
      const forward = '--subresource=portforward';
      expect(await may('get', 'pods/console-0')).toBe('yes');
      expect(await may('get', 'pods/console-0', forward)).toBe('yes');
      expect(await may('create', 'pods/console-0', forward)).toBe('yes');
      for (const name of ['nats-0', 'mongo-orders-0', 'console-1']) {
        expect([name, await may('create', `pods/${name}`, forward)]).toEqual([name, 'no']);
        expect([name, await may('get', `pods/${name}`)]).toEqual([name, 'no']);
      }
      expect(await may('create', 'pods/console-0', '--subresource=exec')).toBe('no');
      expect(await may('get', 'pods/console-0', '--subresource=log')).toBe('no');
      expect(await may('list', 'pods')).toBe('no');
      expect(await may('get', 'secrets')).toBe('no');
    },
    perVerifyMs,
  );

  it('marks every pod as ready for a debugger, the shop’s too', async () => {
    const deployments = (await variant('debug')).filter(({ kind }) => kind === 'Deployment');
    const unprepared = deployments.filter(({ spec }) => {
      const { template } = spec as { template: { metadata: { annotations?: Record<string, string> } } };
      return !template.metadata.annotations?.['debug.cloud.google.com/config'];
    });
    expect(deployments.length).toBeGreaterThan(0);
    expect(unprepared.map(({ metadata }) => metadata.name)).toEqual([]);
  });
});

/** An old policy stays in effect for a while after it was changed, and would hide an error in the new one. */
async function forgetPolicies(server: ApiServer): Promise<void> {
  const kinds = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
  for (const kind of kinds) {
    const { stderr } = await server.kubectl(['delete', kind, 'previews', '--ignore-not-found']);
    expect(stderr).toBe('');
  }
  for (const name of server.applied.keys()) if (/ValidatingAdmissionPolicy/.test(name)) server.applied.delete(name);
  const asPreview = ['--as=system:serviceaccount:flux-system:previews', '--dry-run=server'];
  await eventually(async () => {
    const intruder = ['create', 'configmap', 'intruder', '--namespace=box-office', ...asPreview];
    expect(await server.kubectl(intruder)).toMatchObject({ ok: true });
  });
}

/** What `task` wraps around the overlay, without the secrets. */
async function variant(component: string): Promise<readonly Manifest[]> {
  if (typeof ground === 'string') throw new Error(ground);
  const folder = join(copy, 'variant');
  await mkdir(folder, { recursive: true });
  const kustomization = {
    resources: ['../infra/k8s/overlays/dev'],
    components: [`../infra/k8s/components/${component}`],
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return manifestsIn(await build(join(ground.assets, 'kubectl'), folder));
}
