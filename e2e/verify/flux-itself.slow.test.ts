import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { prepareFlux } from './flux.ts';
import { findGround } from './ground.ts';
import { copyManifests } from './tree.ts';

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

/** Lets Flux make dev out of the copy. @returns its steps and faults, or undefined when a program is missing */
async function reconciled(): Promise<{ steps: string[]; faults: string[] } | undefined> {
  if (typeof ground === 'string') throw new Error(ground);
  const dir = join(copy, 'complete');
  await copyManifests(copy, dir, ground.fetchText);
  const steps: string[] = [];
  const faults: string[] = [];
  const reasons: string[] = [];
  await (await prepareFlux(root, copy, dir, ground)).reconciled({
    found: (check, more) => {
      steps.push(check);
      faults.push(...more);
    },
    skipped: (_check, why) => reasons.push(why),
  });
  for (const why of reasons) console.warn(`SKIPPED  Flux reconciles dev: ${why}`);
  return reasons.length > 0 ? undefined : { steps, faults };
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  await writeFile(join(copy, file), text.replace(from, to));
}

(typeof ground === 'string' ? describe.skip : describe)('Flux itself', () => {
  it(
    'makes dev, with nothing wrong',
    async () => {
      const made = await reconciled();
      if (!made) return;
      expect(made.faults).toEqual([]);
      const verbs = made.steps.map((it) => /^Flux (\w+) /.exec(it)?.[1]);
      expect(verbs).toEqual(['builds', 'decrypts', 'removes', 'reports', 'runs']);
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
      await plant();
      const made = await reconciled();
      if (!made) return;
      for (const it of found) expect(made.faults).toContainEqual(expect.stringMatching(it));
    },
    perVerifyMs,
  );
});
