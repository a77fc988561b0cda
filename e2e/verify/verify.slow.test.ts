import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Manifest } from '@box-office/ops/cluster/manifests';
import { type ApiServer, startApiServer } from './api-server.ts';
import { findGround } from './ground.ts';
import { plants } from './plants.ts';
import { admitPods, applyStage } from './staged.ts';
import { build, type Cluster, manifestsIn } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  The manifests are not verified: ${ground}`);
const perVerifyMs = 300_000;

let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'box-office-manifests-'));
  for (const part of ['infra/k8s', 'infra/k8s-setup'])
    await cp(join(root, part), join(copy, part), { recursive: true });
});

afterEach(() => rm(copy, { recursive: true, force: true }));

/** The faults in the copy, as `check: fault`. */
async function faults(cluster: Cluster, server?: ApiServer | 'none'): Promise<string[]> {
  if (typeof ground === 'string') throw new Error(ground);
  const where = server ? { server } : {};
  const findings = await verify({ root: copy, ...ground, clusters: [cluster], flux: false, ...where });
  return findings.flatMap(({ check, faults }: Finding) => faults.map((fault) => `${check}: ${fault}`));
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
      expect(await faults(cluster, servers[cluster])).toEqual([]);
    },
    perVerifyMs,
  );

  it.each(plants)(
    'finds $what',
    async ({ cluster, shows, plant, found }) => {
      await plant(copy);
      const where = { read: 'none', applied: servers[cluster], 'from empty': undefined } as const;
      expect(await faults(cluster, where[shows])).toContainEqual(expect.stringMatching(found));
    },
    perVerifyMs,
  );

  it.each(['debug', 'selling', 'without-shop'])(
    'finds no fault in dev with the component %s',
    async (component) => {
      const manifests = await variant(component);
      const server = servers.dev;
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
      expect([...(await applyStage(server, list)), ...(await admitPods(server, manifests))]).toEqual([]);
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
