import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { serviceNames } from '../../services.ts';
import { importedBy } from './imported.ts';

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

it.each(['Dockerfile', 'client.Dockerfile', 'console.Dockerfile'])(
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

it('has what the bundler asks for where the pages of the console are built', async () => {
  const { extends: base } = JSON.parse(await text('console/pages/tsconfig.json')) as { extends: string };
  expect(base).toBe('../../tsconfig.json');
  const stage = (await text('infra/docker/console.Dockerfile'))
    .split(/^FROM /m)
    .find((it) => it.includes(' AS pages\n'));
  expect(stage).toContain('\nCOPY tsconfig.json ./\n');
});

it('lets Docker look into every workspace, without BuildKit too', async () => {
  const { workspaces } = JSON.parse(await text('package.json')) as { workspaces: string[] };
  const letIn = (await text('.dockerignore')).split('\n').filter((line) => line.startsWith('!'));
  const seen = workspaces.filter((name) => letIn.some((line) => line.startsWith(`!${name}/`)));
  expect(seen).toEqual(workspaces);
});

it('keeps everything that is not listed away from Docker, also what git knows and local secrets', async () => {
  const lines = (await text('.dockerignore')).split('\n').filter((line) => line && !line.startsWith('#'));
  expect(lines[0]).toBe('*');
  const listed = lines.filter((line) => line.startsWith('!'));
  expect(listed.filter((line) => /\.git|\.local|\.env|secret|^!\*+$/.test(line))).toEqual([]);
  for (const file of ['Dockerfile', 'client.Dockerfile', 'console.Dockerfile']) {
    expect((await text(`infra/docker/${file}`)).match(/^COPY (?:--\S+ )*(?:\.|\/) .*$/gm)).toBeNull();
  }
});

it('brings no tests into an image', async () => {
  const lines = (await text('.dockerignore')).split('\n');
  const last = lines.findLastIndex((line) => line.startsWith('!'));
  // Later lines win.
  expect(lines.slice(last)).toEqual(expect.arrayContaining(['**/*.test.ts', '**/*-under-test.ts', '**/testing']));
});

it('runs what is deployed in the mode of production', async () => {
  const stageOf = async (file: string, name: string) =>
    (await text(`infra/docker/${file}`)).split(/^FROM /m).find((stage) => stage.includes(` AS ${name}\n`));
  expect(await stageOf('Dockerfile', 'service')).toContain('\nENV NODE_ENV=production\n');
  expect(await stageOf('client.Dockerfile', 'shop')).toContain('\nENV NODE_ENV=production\n');
  expect(await stageOf('console.Dockerfile', 'console')).toContain('\nENV NODE_ENV=production ');
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

it('has Skaffold build the console where it is turned on', async () => {
  const { profiles } = parse(await text('skaffold.yaml')) as { profiles: { name: string; patches?: object[] }[] };
  const docker = { dockerfile: 'infra/docker/console.Dockerfile', target: 'console' };
  expect(profiles.find(({ name }) => name === 'console')?.patches).toEqual([
    { op: 'add', path: '/build/artifacts/-', value: { image: 'box-office/console', docker } },
  ]);
  expect(await text(docker.dockerfile)).toContain(' AS console\n');
});

it('brings every source that the console imports into its image', async () => {
  const dockerfile = (await text('infra/docker/console.Dockerfile')).split(/^FROM /m).at(-1) ?? '';
  const brought = [...dockerfile.matchAll(/^COPY (\S+) \1$/gm)].map(([, folder]) => folder);
  const imported = await importedBy('console/src/main.ts');
  expect(imported.length).toBeGreaterThan(50);
  expect(imported.filter((file) => !brought.some((folder) => file.startsWith(`${folder}/`)))).toEqual([]);
  const letIn = (await text('.dockerignore')).split('\n');
  expect(brought.filter((folder) => !letIn.includes(`!${folder}`))).toEqual([]);
});

it('has the workflow build the same images', async () => {
  const workflow = parse(await text('.github/workflows/images.yml')) as {
    jobs: { image: { strategy: { matrix: { include: { name: string }[] } } } };
  };
  const built = workflow.jobs.image.strategy.matrix.include.map(({ name }) => name);
  expect(built.toSorted()).toEqual([...serviceNames, 'client', 'console', 'stripe-sandbox'].toSorted());
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
