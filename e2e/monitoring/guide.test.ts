import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const guide = await readFile(join(root, 'docs/operations.md'), 'utf8');
const marks = ['# here', '# cluster', '# cloud'];

interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const blocks: Block[] = [...guide.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
  ({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
    line: guide.slice(0, index).split('\n').length,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }),
);
const shells = blocks.filter(({ language }) => language === 'sh');

/** Everything in the guide that is code, so also what stands within a sentence. */
const code = [
  ...blocks.map(({ text }) => text),
  ...[...guide.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, it]) => it),
].join('\n');

async function tasks(): Promise<Map<string, { vars: string[] }>> {
  const load = async (file: string) => parse(await readFile(join(root, file), 'utf8'));
  const main = await load('Taskfile.yml');
  const all = new Map<string, { vars: string[] }>();
  const add = (
    prefix: string,
    file: { tasks: Record<string, { internal?: boolean; requires?: { vars: (string | { name: string })[] } }> },
  ) => {
    for (const [name, task] of Object.entries(file.tasks)) {
      if (task.internal) continue;
      const vars = (task.requires?.vars ?? []).map((it) => (typeof it === 'string' ? it : it.name));
      const full = [prefix, name === 'default' ? '' : name].filter(Boolean).join(':');
      all.set(full, { vars });
    }
  };
  add('', main);
  for (const [prefix, included] of Object.entries(main.includes as Record<string, string | { taskfile: string }>)) {
    add(prefix, await load(typeof included === 'string' ? included : included.taskfile));
  }
  return all;
}

describe('docs/operations.md', () => {
  it('says of every command where it was run, or what it needs', () => {
    expect(shells.length).toBeGreaterThan(20);
    const unmarked = shells.filter(
      ({ text }) => !marks.some((mark) => text === mark || text.startsWith(`${mark}\n`) || text.startsWith(`${mark}:`)),
    );
    expect(unmarked.map(({ line }) => `line ${line}`)).toEqual([]);
    expect(blocks.filter(({ language }) => !['sh', 'js', 'yaml', 'text'].includes(language))).toEqual([]);
  });

  it('calls only tasks that there are, with what they ask for', async () => {
    const known = await tasks();
    const called = [...code.matchAll(/(?<![\w/-])task ([a-z][\w:-]*)((?: [A-Z_]+=\S+)*)/g)];
    expect(called.length).toBeGreaterThan(5);
    for (const [call, name = '', given = ''] of called) {
      const task = known.get(name);
      expect([call, task !== undefined]).toEqual([call, true]);
      const missing = task?.vars.filter((it) => !given.includes(`${it}=`)) ?? [];
      expect([call, missing]).toEqual([call, []]);
    }
  });

  it('calls only npm scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const called = [...code.matchAll(/npm (?:run )(?:-s |--silent )?([\w:-]+)/g)].map(([, name]) => name);
    expect(called.length).toBeGreaterThan(3);
    expect(called.filter((name) => !(name && name in scripts))).toEqual([]);
  });

  it('names only workloads that are in the manifests', async () => {
    const files = (await readdir(join(root, 'infra'), { recursive: true })).filter((it) => /\.ya?ml$/.test(it));
    const names = new Set<string>();
    for (const file of files) {
      const text = await readFile(join(root, 'infra', file), 'utf8');
      const suffix = /^nameSuffix: (\S+)$/m.exec(text)?.[1] ?? '';
      for (const [, kind, name] of text.matchAll(/^kind: (\w+)\nmetadata:\n {2}name: (\S+)$/gm))
        names.add(`${kind}/${name}`);
      if (suffix) names.add(`StatefulSet/mongo${suffix}`);
    }
    const kinds: Record<string, string> = { deployment: 'Deployment', statefulset: 'StatefulSet', service: 'Service' };
    // What ends with a dash goes on with a variable.
    const called = [...code.matchAll(/\b(deployment|statefulset|service)\/([a-z][a-z0-9-]*[a-z0-9])(?![\w-])/g)];
    expect(called.length).toBeGreaterThan(3);
    for (const [call, kind = '', name = ''] of called) {
      expect([call, names.has(`${kinds[kind]}/${name}`)]).toEqual([call, true]);
    }
  });

  it('leads to files and sections that there are', async () => {
    const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of guide.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target.startsWith('https://')) continue;
      if (target.startsWith('#')) expect(anchors).toContain(target.slice(1));
      else await access(join(root, 'docs', target.split('#')[0] ?? ''));
    }
  });
});
