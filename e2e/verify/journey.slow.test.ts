import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findEngines } from '@box-office/local/engines';
import { EngineMissing } from '@box-office/local/find';
import { nameOf, readManifests } from '@box-office/ops/cluster/manifests';
import { type ApiServer, startApiServer } from './api-server.ts';
import { findGround, type Ground } from './ground.ts';
import { journeyThroughTraefik } from './journey.ts';
import { type Services, startServices } from './services.ts';
import { applyStage, kindsAreKnown, silenceWebhooks } from './staged.ts';
import { build, copyManifests, stages } from './tree.ts';

const root = resolve(import.meta.dirname, '../..');
/** Long enough for a busy machine; only a hang exceeds it. */
const withinMs = 600_000;

async function findAll(): Promise<Ground | string> {
  try {
    await findEngines();
    return await findGround(root, process.env.KUBEBUILDER_ASSETS);
  } catch (error) {
    if (error instanceof EngineMissing) return error.message;
    throw error;
  }
}

const ground = await findAll();
if (typeof ground === 'string') console.warn(`SKIPPED  No ticket is sold through Traefik: ${ground}`);

let dir: string;
let tree: string;
let server: ApiServer;
let services: Services;
/** The current manifests, by name. */
const applied = new Map<string, string>();

/** Applies the manifests of the tree that have changed since they were last applied. */
async function apply(assets: string): Promise<void> {
  // The planted errors touch no others.
  const folders = applied.size === 0 ? stages.dev : stages.dev.filter((it) => /2-controllers|overlays/.test(it));
  for (const folder of folders) {
    const manifests = readManifests(await build(join(assets, 'kubectl'), join(tree, folder)));
    const items = manifests.filter((it) => applied.get(nameOf(it)) !== JSON.stringify(it));
    if (items.length === 0) continue;
    const objections = await applyStage(server, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    objections.push(...(await kindsAreKnown(server, items)));
    objections.push(...(await silenceWebhooks(server, items)));
    if (objections.length > 0) throw new Error(objections.join('\n'));
    for (const it of items) applied.set(nameOf(it), JSON.stringify(it));
  }
}

async function faults(): Promise<string[]> {
  if (typeof ground === 'string') throw new Error(ground);
  await apply(ground.assets);
  return journeyThroughTraefik(server, services, dir);
}

interface Plant {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly found: RegExp;
}

const plants: readonly Plant[] = [
  {
    what: 'a route without authentication',
    file: 'infra/k8s/base/gateway/routes.yml',
    from: '        - name: identity\n        - name: drop-cookie\n      services:\n        - name: orders',
    to: '      services:\n        - name: orders',
    found: /^POST \/api\/orders with an identity of the caller’s own was answered 4(00|15) /,
  },
  {
    what: 'a middleware that is not there',
    file: 'infra/k8s/base/gateway/routes.yml',
    from: '        - name: drop-credentials\n        - name: retry-reads',
    to: '        - name: drop-credential\n        - name: retry-reads',
    found: /^Traefik refuses .*\/api\/tickets.*"box-office-drop-credential@kubernetescrd" does not exist/,
  },
  {
    what: 'a port that no Service has',
    file: 'infra/k8s/base/gateway/routes.yml',
    from: '        - name: payments\n          port: 3000',
    to: '        - name: payments\n          port: 3001',
    found: /^Traefik refuses .*\/api\/payments.* of IngressRoute box-office\/public: .*port not found/,
  },
  {
    what: 'a Service without pods',
    file: 'infra/k8s/base/orders/service.yml',
    from: '    app.kubernetes.io/name: orders',
    to: '    app.kubernetes.io/name: order',
    found: /^the list of a newcomer’s orders was answered 503/,
  },
  {
    what: 'an auth at another address',
    file: 'infra/k8s/base/kustomization.yaml',
    from: 'http://auth.box-office.svc.cluster.local:3000/identity',
    to: 'http://auth:3000/identity',
    found: /^selling was answered 500/,
  },
  {
    what: 'EndpointSlices that Traefik may not read',
    file: 'infra/k8s-setup/2-controllers/traefik/rbac.yml',
    from: '  - apiGroups: [discovery.k8s.io]\n    resources: [endpointslices]\n    verbs: [get, list, watch]\n',
    to: '',
    found:
      /^Traefik may not read all that it wants to: endpointslices\.discovery\.k8s\.io is forbidden: .*system:serviceaccount:traefik:traefik/,
  },
  {
    what: 'middlewares that Traefik may not read',
    file: 'infra/k8s-setup/2-controllers/traefik/rbac.yml',
    from: '    resources: ["*"]',
    to: '    resources: [ingressroutes]',
    found: /^Traefik may not read all that it wants to: \w+\.traefik\.io is forbidden/,
  },
  {
    what: 'a missing setting of Traefik',
    file: 'infra/k8s/base/gateway/settings/static.yml',
    from: '      aliasHeadersStrategy: reject\n',
    to: '',
    found: /^a header under an alias was answered 404/,
  },
];

(typeof ground === 'string' ? describe.skip : describe)('the purchase journey through Traefik', () => {
  beforeAll(async () => {
    if (typeof ground === 'string') return;
    dir = await mkdtemp(join(tmpdir(), 'box-office-journey-'));
    tree = join(dir, 'tree');
    await copyManifests(root, join(dir, 'pristine'), ground.fetchText);
    server = await startApiServer(ground.assets, join(dir, 'dev'));
    services = await startServices(join(dir, 'services'));
  }, withinMs);

  afterAll(async () => {
    await Promise.all([server?.stop(), services?.stop()]);
    await rm(dir, { recursive: true, force: true });
  }, withinMs);

  beforeEach(async () => {
    await rm(tree, { recursive: true, force: true });
    await cp(join(dir, 'pristine'), tree, { recursive: true });
  });

  it(
    'ends with a ticket that is sold',
    async () => {
      expect(await faults()).toEqual([]);
    },
    withinMs,
  );

  it.each(plants)(
    'finds $what',
    async ({ file, from, to, found }) => {
      const text = await readFile(join(tree, file), 'utf8');
      expect(text).toContain(from);
      await writeFile(join(tree, file), text.replace(from, to));
      expect(await faults()).toContainEqual(expect.stringMatching(found));
    },
    withinMs,
  );
});
