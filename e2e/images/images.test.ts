import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { serviceNames } from '../../services.ts';

const root = resolve(import.meta.dirname, '../..');
const text = (file: string) => readFile(join(root, file), 'utf8');

interface Artifact {
  readonly image: string;
  readonly docker: { readonly dockerfile: string; readonly target: string };
}

interface Skaffold {
  readonly build: { readonly artifacts: readonly Artifact[] };
  readonly profiles: readonly { readonly name: string; readonly build?: { readonly artifacts: readonly Artifact[] } }[];
}

it.each(['Dockerfile', 'client.Dockerfile'])(
  '%s brings the manifest of every workspace, which npm asks for',
  async (file) => {
    const { workspaces } = JSON.parse(await text('package.json')) as { workspaces: string[] };
    const dockerfile = await text(`infra/docker/${file}`);
    const brought = [...dockerfile.matchAll(/^COPY (?:--\S+ )?(\S+)\/package\.json \1\/$/gm)].map(([, name]) => name);
    expect(brought).toEqual(expect.arrayContaining(workspaces));
  },
);

it('has what the compiler asks for where the shop is built', async () => {
  const { compilerOptions } = JSON.parse(await text('tsconfig.json')) as { compilerOptions: { types: string[] } };
  const { devDependencies } = JSON.parse(await text('client/package.json')) as { devDependencies: object };
  const wanted = compilerOptions.types.map((name) => `@types/${name}`);
  expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(wanted));
});

it('lets Docker look into every workspace, without BuildKit too', async () => {
  const { workspaces } = JSON.parse(await text('package.json')) as { workspaces: string[] };
  const letIn = (await text('.dockerignore')).split('\n').filter((line) => line.startsWith('!'));
  const seen = workspaces.filter((name) => letIn.some((line) => line.startsWith(`!${name}/`)));
  expect(seen).toEqual(workspaces);
});

it('has Skaffold build every image that a cluster asks for, from a stage that there is', async () => {
  const skaffold = parse(await text('skaffold.yaml')) as Skaffold;
  const prod = skaffold.profiles.find(({ name }) => name === 'prod')?.build?.artifacts ?? [];
  const images = (artifacts: readonly Artifact[]) => artifacts.map(({ image }) => image).toSorted();
  const wanted = [...serviceNames, 'client'].map((name) => `box-office/${name}`);
  expect(images(prod)).toEqual(wanted.toSorted());
  expect(images(skaffold.build.artifacts)).toEqual([...wanted, 'box-office/stripe-sandbox'].toSorted());
  const preview = skaffold.profiles.find(({ name }) => name === 'preview')?.build?.artifacts ?? [];
  const everything = [...wanted, 'box-office/stripe-sandbox'].map((name) => `registry.digitalocean.com/${name}`);
  expect(images(preview)).toEqual(everything.toSorted());
  for (const { image, docker } of [...prod, ...preview, ...skaffold.build.artifacts]) {
    expect([image, await text(docker.dockerfile)]).toEqual([image, expect.stringContaining(` AS ${docker.target}\n`)]);
  }
});

it('has the workflow build the same images', async () => {
  const workflow = parse(await text('.github/workflows/images.yml')) as {
    jobs: { image: { strategy: { matrix: { include: { name: string }[] } } } };
  };
  const built = workflow.jobs.image.strategy.matrix.include.map(({ name }) => name);
  expect(built.toSorted()).toEqual([...serviceNames, 'client', 'stripe-sandbox'].toSorted());
});

it('pins every action of every workflow to a commit', async () => {
  const files = await readdir(join(root, '.github/workflows'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const used = [...(await text(`.github/workflows/${file}`)).matchAll(/uses: (\S+)/g)].map(
      ([, action]) => action ?? '',
    );
    const loose = used.filter((action) => !action.startsWith('./') && !/@[0-9a-f]{40}$/.test(action));
    expect([file, loose]).toEqual([file, []]);
  }
});
