import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findGround } from './ground.ts';
import type { Cluster } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  Nothing of Flux is verified: ${ground}`);
const perVerifyMs = 900_000;

let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'box-office-flux-'));
  for (const part of ['infra/k8s', 'infra/k8s-setup', 'infra/flux', '.sops.yaml'])
    await cp(join(root, part), join(copy, part), { recursive: true });
});

afterEach(() => rm(copy, { recursive: true, force: true }));

async function findings(...clusters: Cluster[]): Promise<Finding[]> {
  if (typeof ground === 'string') throw new Error(ground);
  const all = await verify({ root: copy, ...ground, clusters });
  for (const { cluster, check, skipped } of all) if (skipped) console.warn(`SKIPPED  ${cluster}  ${check}: ${skipped}`);
  return all;
}

const faultsIn = (all: readonly Finding[]) =>
  all.flatMap(({ check, faults }) => faults.map((fault) => `${check}: ${fault}`));

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  await writeFile(join(copy, file), text.replace(from, to));
}

const plant = (file: string, text: string) => writeFile(join(copy, file), text);

interface Plant {
  readonly what: string;
  readonly plant: () => Promise<void>;
  readonly found: RegExp;
}

const dev: readonly Plant[] = [
  {
    what: 'a file of secrets that is not encrypted',
    plant: () => plant('infra/flux/apps/dev/planted.env', 'STRIPE_SECRET_KEY=anything\n'),
    found: /^Flux’s secrets are encrypted: apps\/dev\/planted\.env is not encrypted/,
  },
  {
    what: 'one that pretends to be',
    plant: () => plant('infra/flux/apps/dev/mixed.env', 'A=ENC[x]\nB=open\nsops_mac=ENC[x]\n'),
    found: /apps\/dev\/mixed\.env says B for everybody to read/,
  },
  {
    what: 'one that the cluster cannot read',
    plant: () =>
      plant(
        'infra/flux/apps/dev/foreign.env',
        'A=ENC[x]\nsops_age__list_0__map_recipient=age1other\nsops_mac=ENC[x]\n',
      ),
    found: /apps\/dev\/foreign\.env is not encrypted for the key of dev/,
  },
  {
    what: 'a private key, wherever it is',
    plant: () => plant('infra/flux/notes.md', `My key: ${'AGE-SECRET-KEY-1'}QQQ\n`),
    found: /notes\.md holds an age key/,
  },
  {
    what: 'a Secret in a manifest',
    plant: () =>
      plant('infra/flux/delivery/dev/planted.yml', 'kind: Secret\nmetadata:\n  name: it\nstringData:\n  a: b\n'),
    found: /delivery\/dev\/planted\.yml Secret it holds its data/,
  },
  {
    what: 'a Secret that is generated from public values',
    plant: () =>
      edit(
        'infra/flux/apps/dev/kustomization.yaml',
        'secretGenerator:\n',
        'secretGenerator:\n  - name: it\n    literals: [a=b]\n',
      ),
    found: /apps\/dev\/kustomization\.yaml generates the Secret it/,
  },
  {
    what: 'kinds that are pruned',
    plant: () => edit('infra/flux/clusters/dev/crds.yml', 'prune: false', 'prune: true'),
    found: /^Flux applies every stage in order: Kustomization crds prunes kinds/,
  },
  {
    what: 'a stage that does not wait for the one before it',
    plant: () => edit('infra/flux/clusters/dev/apps.yml', '    - name: platform', '    - name: crds'),
    found: /Kustomization apps does not wait for platform/,
  },
  {
    what: 'a stage that is never applied',
    plant: () => edit('infra/flux/clusters/dev/controllers.yml', '2-controllers/dev', '2-controllers/traefik'),
    found: /no Kustomization applies infra\/k8s-setup\/2-controllers\/dev/,
  },
  {
    what: 'secrets that are not decrypted',
    plant: () =>
      edit(
        'infra/flux/clusters/dev/delivery.yml',
        '  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n',
        '',
      ),
    found: /Kustomization delivery does not decrypt its secrets/,
  },
  {
    what: 'a field that Flux does not know',
    plant: () => edit('infra/flux/delivery/dev/receiver.yml', '  events:', '  evnets:'),
    found: /^applies infra\/flux\/delivery\/dev: .*evnets: field not declared/,
  },
  {
    what: 'an image without a marker',
    plant: () => edit('infra/flux/apps/dev/kustomization.yaml', 'flux-system:orders:tag', 'flux-system:order:tag'),
    found: /no ImagePolicy is named as in flux-system:order:tag/,
  },
  {
    what: 'a preview that exceeds its quota',
    plant: () => edit('infra/k8s/overlays/preview/quota.yml', 'limits.memory: 7Gi', 'limits.memory: 4Gi'),
    found: /^a preview fits into its quota: limits\.memory/,
  },
  {
    what: 'a preview that may go anywhere',
    plant: () => edit('infra/flux/clusters/dev/previews-rights.yml', "'^box-office-pr-[0-9]+$')", "'.*')"),
    found: /a preview may apply ConfigMap intruder/,
  },
];

const prod: readonly Plant[] = [
  {
    what: 'a production that follows main',
    plant: () => edit('infra/flux/clusters/prod/apps.yml', 'name: release', 'name: flux-system'),
    found: /^Flux follows releases: Kustomization flux-system\/apps does not follow signed releases/,
  },
  {
    what: 'a cluster that writes to main',
    plant: () => edit('infra/flux/delivery/prod/proposals.yml', 'branch: flux/prod-images', 'branch: main'),
    found: /^no cluster writes to main: ImageUpdateAutomation flux-system\/images pushes to main/,
  },
];

(typeof ground === 'string' ? describe.skip : describe)('the configuration of Flux', () => {
  it.each([
    ['dev', dev],
    ['prod', prod],
  ] as const)(
    'is sound for %s, and every planted error is found',
    async (cluster, plants) => {
      for (const it of plants) await it.plant();
      const faults = faultsIn(await findings(cluster));
      for (const { what, found } of plants)
        expect([what, faults]).toEqual([what, expect.arrayContaining([expect.stringMatching(found)])]);
    },
    perVerifyMs,
  );
});
