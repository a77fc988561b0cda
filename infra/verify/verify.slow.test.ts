import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findGround } from './ground.ts';
import type { Cluster } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  No manifest is verified: ${ground}`);
const perVerifyMs = 300_000;

let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'box-office-manifests-'));
  for (const part of ['infra/k8s', 'infra/k8s-setup'])
    await cp(join(root, part), join(copy, part), { recursive: true });
});

afterEach(() => rm(copy, { recursive: true, force: true }));

/** What is wrong with the copy, as `check: fault`. */
async function faults(cluster: Cluster): Promise<string[]> {
  if (typeof ground === 'string') throw new Error(ground);
  const findings = await verify({ root: copy, ...ground, clusters: [cluster], flux: false });
  return findings.flatMap(({ check, faults }: Finding) => faults.map((fault) => `${check}: ${fault}`));
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  await writeFile(join(copy, file), text.replace(from, to));
}

interface Plant {
  readonly what: string;
  readonly cluster: Cluster;
  readonly plant: () => Promise<void>;
  readonly found: RegExp;
}

const plants: readonly Plant[] = [
  {
    what: 'a field that Kubernetes does not know',
    cluster: 'dev',
    plant: () => edit('infra/k8s/base/tickets/deployment.yml', 'envFrom:', 'environmentFrom:'),
    found: /^applies infra\/k8s\/overlays\/dev: .*environmentFrom: field not declared/,
  },
  {
    what: 'a field that Traefik does not know',
    cluster: 'dev',
    plant: () => edit('infra/k8s/base/gateway/middlewares.yml', 'trustForwardHeader:', 'trustForwardedHeader:'),
    found: /^applies infra\/k8s\/overlays\/dev: .*trustForwardedHeader: field not declared/,
  },
  {
    what: 'a missing securityContext',
    cluster: 'prod',
    plant: () =>
      edit(
        'infra/k8s/base/restricted/kustomization.yaml',
        '  - path: container.yml\n    target:\n      kind: Deployment|StatefulSet\n',
        '',
      ),
    found: /^applies .*\/prod: Warning: would violate PodSecurity/,
  },
  {
    what: 'a secret that everybody can read',
    cluster: 'prod',
    plant: async () => {
      await writeFile(
        join(copy, 'infra/k8s/overlays/prod/secret.yml'),
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: payments\n  namespace: box-office\nstringData:\n  STRIPE_SECRET_KEY: sk_live_1\n',
      );
      await edit(
        'infra/k8s/overlays/prod/kustomization.yaml',
        '  - network-policies.yml\n',
        '  - network-policies.yml\n  - secret.yml\n',
      );
    },
    found: /^no readable secret: Secret box-office\/payments/,
  },
  {
    what: 'a NetworkPolicy that is open',
    cluster: 'prod',
    plant: () =>
      appendFile(
        join(copy, 'infra/k8s/base/network-policies.yml'),
        '---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: open\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n  ingress: [{}]\n',
      ),
    found: /^the network is the architecture: tickets -> orders:3000 is open|^the network is the architecture: \* -> /,
  },
  {
    what: 'an edge that is missing',
    cluster: 'dev',
    plant: () =>
      edit(
        'infra/k8s/base/nats/network-policy.yml',
        '        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: expiration\n',
        '',
      ),
    found: /^the network is the architecture: expiration -> nats:4222 is in the architecture and closed/,
  },
  {
    what: 'a route that asks nobody who is calling',
    cluster: 'dev',
    plant: () =>
      edit(
        'infra/k8s/base/gateway/routes.yml',
        '      middlewares:\n        - name: identity\n        - name: drop-cookie\n      services:\n        - name: payments',
        '      services:\n        - name: payments',
      ),
    found: /^every route asks who is calling: IngressRoute box-office\/guarded leads .*payments/,
  },
  {
    what: 'a kind that is used before its stage',
    cluster: 'dev',
    plant: async () => {
      await cp(join(copy, 'infra/k8s/base/gateway/middlewares.yml'), join(copy, 'infra/k8s-setup/1-crds/early.yml'));
      const file = 'infra/k8s-setup/1-crds/kustomization.yaml';
      const text = await readFile(join(copy, file), 'utf8');
      await writeFile(join(copy, file), `${text}  - early.yml\n`);
    },
    found: /^applies infra\/k8s-setup\/1-crds: .*no matches for kind "Middleware"/,
  },
  {
    what: 'an issuer that is used before its stage',
    cluster: 'prod',
    plant: async () => {
      await cp(
        join(copy, 'infra/k8s-setup/3-platform/prod/lets-encrypt.yml'),
        join(copy, 'infra/k8s-setup/1-crds/early.yml'),
      );
      await appendFile(join(copy, 'infra/k8s-setup/1-crds/kustomization.yaml'), '  - early.yml\n');
    },
    found: /^applies infra\/k8s-setup\/1-crds: .*no matches for kind "ClusterIssuer"/,
  },
  {
    what: 'a shop that can be reached without TLS',
    cluster: 'prod',
    plant: () => edit('infra/k8s/overlays/prod/kustomization.yaml', '[websecure, internal]', '[web, internal]'),
    found: /^TLS from outside: IngressRoute box-office\/guarded can be reached from outside without TLS, at web/,
  },
  {
    what: 'a cert-manager that writes Secrets everywhere',
    cluster: 'prod',
    plant: () =>
      edit(
        'infra/k8s-setup/2-controllers/cert-manager/controller-rbac.yml',
        'resources: [secrets]\n    verbs: [get, list, watch]',
        'resources: [secrets]\n    verbs: [get, list, watch, create, update]',
      ),
    found: /^rights: cert-manager may update secrets in box-office/,
  },
  {
    what: 'an image by a name alone',
    cluster: 'prod',
    plant: () =>
      edit(
        'infra/k8s/overlays/prod/kustomization.yaml',
        '  - name: nats\n    digest: sha256:0000000000000000000000000000000000000000000000000000000000000000',
        '',
      ),
    found: /^images by digest: StatefulSet box-office\/nats takes nats:2\.15\.1/,
  },
  {
    what: 'a right too many',
    cluster: 'dev',
    plant: () =>
      edit(
        'infra/k8s-setup/3-platform/dev/developer.yml',
        '        endpoints,\n',
        '        secrets,\n        endpoints,\n',
      ),
    found: /^rights: a developer may get secrets in box-office/,
  },
];

(typeof ground === 'string' ? describe.skip : describe)('npm run verify', () => {
  it.each(['dev', 'prod'] as const)(
    'finds nothing wrong with what goes to %s',
    async (cluster) => {
      expect(await faults(cluster)).toEqual([]);
    },
    perVerifyMs,
  );

  it.each(plants)(
    'finds $what',
    async ({ cluster, plant, found }) => {
      await plant();
      expect(await faults(cluster)).toContainEqual(expect.stringMatching(found));
    },
    perVerifyMs,
  );
});
