import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { completeCopy } from './complete.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'complete-'));
});

afterEach(() => rm(dir, { recursive: true }));

it('contains everything that the original refers to, which stays unchanged', async () => {
  const original = 'resources:\n  - own.yml\n  - https://raw.githubusercontent.com/it/it/v1.0.0/a.yml\n';
  await writeFile(join(dir, 'kustomization.yaml'), original);
  await writeFile(join(dir, 'own.yml'), 'kind: Own\n');

  await completeCopy(dir, `${dir}-copy`, async (url) => `# ${url}\n`);
  const { resources } = parse(await readFile(join(`${dir}-copy`, 'kustomization.yaml'), 'utf8')) as {
    resources: string[];
  };
  const texts = await Promise.all(resources.map((name) => readFile(join(`${dir}-copy`, name), 'utf8')));
  await rm(`${dir}-copy`, { recursive: true });

  expect(texts).toEqual(['kind: Own\n', '# https://raw.githubusercontent.com/it/it/v1.0.0/a.yml\n']);
  await expect(readFile(join(dir, 'kustomization.yaml'), 'utf8')).resolves.toBe(original);
});

it('is what `task setup` applies, so that it needs no GitHub', async () => {
  const { tasks } = parse(await readFile(join(import.meta.dirname, '../../Taskfile.yml'), 'utf8')) as {
    tasks: { setup: { cmds: string[] } };
  };
  expect(tasks.setup.cmds.filter((it) => it.includes('1-crds'))).toEqual([]);
  expect(tasks.setup.cmds[0]).toContain('-k "$(npm run --silent kinds)"');
});
