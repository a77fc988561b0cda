import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { prepareFlux } from './flux.ts';
import { findGround } from './ground.ts';
import { type Cluster, copyManifests } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  Flux reconciles nothing: ${ground}`);
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

(typeof ground === 'string' ? describe.skip : describe)('Flux itself', () => {
  it(
    'makes dev, with nothing wrong in either cluster',
    async () => {
      const all = await findings('prod', 'dev');
      expect(faultsIn(all)).toEqual([]);
      const checks = all.filter(({ skipped }) => !skipped).map(({ check }) => check);
      const story = checks.filter((it) => /^Flux (builds|decrypts|removes|reports|runs) /.test(it));
      expect(all.some(({ skipped }) => skipped) || story.length === 5).toBe(true);
    },
    perVerifyMs,
  );

  it.each([
    {
      what: 'nobody waits',
      plant: async () => {
        for (const name of ['platform', 'delivery'])
          await edit(`infra/flux/clusters/dev/${name}.yml`, '  dependsOn:\n    - name: controllers\n', '');
        await edit('infra/flux/clusters/dev/apps.yml', '  dependsOn:\n    - name: platform\n', '');
      },
      found: [/the platform is applied before the gateway runs/],
    },
    {
      what: 'kinds are pruned and nothing else is',
      plant: async () => {
        await edit('infra/flux/clusters/dev/apps.yml', 'prune: true', 'prune: false');
        await edit('infra/flux/clusters/dev/crds.yml', 'prune: false', 'prune: true');
      },
      found: [
        /a resource that is gone from the archive is still in the cluster/,
        /a kind that is gone from the archive was removed/,
      ],
    },
  ])(
    'shows it when $what',
    async ({ plant, found }) => {
      if (typeof ground === 'string') throw new Error(ground);
      await plant();
      const dir = join(copy, 'complete');
      await copyManifests(copy, dir, ground.fetchText);
      const faults: string[] = [];
      const reasons: string[] = [];
      await (await prepareFlux(root, copy, dir, ground)).reconciled({
        found: (_check, more) => faults.push(...more),
        skipped: (_check, why) => reasons.push(why),
      });
      for (const why of reasons) console.warn(`SKIPPED  Flux reconciles dev: ${why}`);
      if (reasons.length > 0) return;
      for (const it of found) expect(faults).toContainEqual(expect.stringMatching(it));
    },
    perVerifyMs,
  );
});
