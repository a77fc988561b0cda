import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { serviceNames } from './services.ts';

const root = import.meta.dirname;

/** The workspaces from the ground up. Each may import those of the lines before its own, and no others. */
const floors: readonly (readonly string[])[] = [
  ['common'],
  ['stripe-sandbox'],
  [...serviceNames, 'client'],
  ['infra/local'],
  ['ops'],
  ['console'],
  ['docs/generate'],
  ['new-service'],
  ['e2e'],
];
const workspaces = floors.flat();

const longestFile = 300;

const longestComment = 120;

/** What infra/ may hold beside the manifests, tests included. */
const mostCodeInInfra = 4_200;

interface Source {
  readonly file: string;
  readonly lines: number;
  /** As they are written. */
  readonly imports: readonly string[];
}

/** All that is in the repository, or will be. */
let files: readonly string[];
let sources: readonly Source[];
/** The folder of each of our own packages, by its name. */
let folders: ReadonlyMap<string, string>;

beforeAll(async () => {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await promisify(execFile)('git', list, { cwd: root });
  files = [...new Set(stdout.split('\n').filter(Boolean))].sort();
  sources = (await Promise.all(files.filter((file) => /\.(ts|tsx|mts|mjs)$/.test(file)).map(read))).flat();
  const named = workspaces.map(async (folder) => {
    const { name } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as { name: string };
    return [name, folder] as const;
  });
  folders = new Map(await Promise.all(named));
});

/** Nothing for a file that was deleted and is still in the index. */
async function read(file: string): Promise<Source[]> {
  const text = await readFile(join(root, file), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const statements = text.matchAll(
    /^(?:import|export)\b(?:[^;'"`]*?\bfrom)?\s*'([^'\n]+)';$|\bimport\('([^'\n]+)'\)/gm,
  );
  return [
    { file, lines: text.split('\n').length - 1, imports: [...statements].map(([, one, other]) => one ?? other ?? '') },
  ];
}

const workspaceOf = (file: string) => workspaces.find((folder) => file.startsWith(`${folder}/`));
const floorOf = (workspace: string) => floors.findIndex((floor) => floor.includes(workspace));

/** The workspace that an import leads to; undefined for what is not ours. */
function target({ file }: Source, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return workspaceOf(join(dirname(file), specifier));
  return folders.get(specifier.split('/').slice(0, 2).join('/'));
}

const arrows = () =>
  sources.flatMap((source) =>
    source.imports.map((specifier) => ({ source, specifier, to: target(source, specifier) })),
  );

it('knows every workspace', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  expect(workspaces.toSorted()).toEqual(manifest.workspaces.toSorted());
});

it('sees the imports it is to judge', () => {
  expect(arrows().filter(({ to }) => to === 'common').length).toBeGreaterThan(200);
});

it('has no import that points up or sideways', () => {
  const wrong = arrows().flatMap(({ source: { file }, specifier, to }) => {
    const from = workspaceOf(file);
    if (!from || !to || to === from || floorOf(to) < floorOf(from)) return [];
    return [`${file} -> ${specifier}`];
  });
  expect(wrong).toEqual([]);
});

it('reaches another workspace through what it exports', () => {
  const past = arrows().filter(
    ({ source: { file }, specifier, to }) => to && to !== workspaceOf(file) && specifier.startsWith('.'),
  );
  expect(past.map(({ source, specifier }) => `${source.file} -> ${specifier}`)).toEqual([]);
});

/**
 * The ground floor's own floors. A folder or file of common may import those of the lines before its own, itself, and
 * no others; `testing` is for tests.
 */
const floorsOfCommon: readonly (readonly string[])[] = [
  [
    'command',
    'contracts',
    'deadline',
    'derived-id',
    'each',
    'fair-clocks',
    'known-secrets',
    'object-id',
    'repeat',
    'signed-in-user',
  ],
  ['problem'],
  ['fair-queue', 'telemetry'],
  ['store'],
  ['http', 'messaging'],
  ['lifecycle', 'service'],
  ['settings', 'announcing-service'],
  ['config'],
  ['process', 'keeper'],
  ['testing'],
];

it('has no import within common that points up, nor between http and messaging', () => {
  const base = 'common/src/';
  const partOf = (file: string) =>
    file
      .slice(base.length)
      .split('/')[0]
      ?.replace(/(\.test)?\.ts$/, '') ?? '';
  const level = (part: string) => floorsOfCommon.findIndex((floor) => floor.includes(part));
  const own = sources.filter(({ file }) => file.startsWith(base));
  expect(own.map(({ file }) => file).filter((file) => level(partOf(file)) < 0)).toEqual([]);
  const wrong = own.flatMap(({ file, imports }) =>
    imports
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => partOf(join(dirname(file), specifier)))
      .filter((to) => to !== partOf(file) && level(to) >= level(partOf(file)))
      .filter((to) => !(to === 'testing' && /(\.|-under-)test\.ts$/.test(file)))
      .map((to) => `${file} -> ${to}`),
  );
  expect(wrong).toEqual([]);
});

it('decides without HTTP: what makes a change knows requests only where it serves them', () => {
  const deciding = sources.filter(
    ({ file, imports }) =>
      /^(auth|orders|payments|tickets|mail)\/src\//.test(file) &&
      !/(\.|-under-)test\.ts$/.test(file) &&
      imports.some((it) => it.endsWith('common/store/change')) &&
      !imports.some((it) => it.endsWith('common/http/route') || it === 'express'),
  );
  expect(deciding.length).toBeGreaterThan(10);
  const wrong = deciding.filter(({ imports }) => imports.some((it) => it.includes('common/http/')));
  expect(wrong.map(({ file }) => file)).toEqual([]);
});

it('has no listeners in auth, which everybody depends on', () => {
  const reached = arrows().filter(({ source: { file } }) => file.startsWith('auth/src/'));
  const wrong = reached.filter(({ specifier }) =>
    /common\/(messaging\/(listener|awaited-copies)|process)/.test(specifier),
  );
  expect(wrong.map(({ source, specifier }) => `${source.file} -> ${specifier}`)).toEqual([]);
});

it('has no circle of files', () => {
  const known = new Map(sources.map((source) => [source.file, source]));
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || finished.has(file)) return;
    for (const specifier of known.get(file)?.imports ?? []) {
      const next = specifier.startsWith('.') ? join(dirname(file), specifier) : undefined;
      if (next && known.has(next)) visit(next, [...path, file]);
    }
    finished.add(file);
  };
  for (const { file } of sources) visit(file, []);
  expect(circles).toEqual([]);
});

it(`has no file above ${longestFile} lines`, () => {
  const long = sources.filter(({ lines }) => lines > longestFile).map(({ file }) => file);
  expect(long).toEqual([]);
});

/** How comments begin, alone on a line or after something else, by the names of the files that have them. */
const comments: readonly { readonly files: RegExp; readonly begin: RegExp }[] = [
  { files: /\.([cm]?[jt]sx?|jsonc|css|conf)$/, begin: /(^|\s)\/[/*]|^\s*\*/ },
  // What Flux reads in a comment has to stand behind what it replaces.
  {
    files: /\.(ya?ml|toml|sh|conf|ini|in|npmrc|editorconfig|\w*ignore)$|Dockerfile$|^\.ci\/|\/[A-Z]+$/,
    begin: /(^|\s)#(?! \{"\$imagepolicy)/,
  },
  { files: /\.(zone|ini)$/, begin: /(^|\s);/ },
  { files: /\.html$/, begin: /<!--/ },
];

it(`has no line with a comment above ${longestComment} columns`, async () => {
  const texts = files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8').catch(() => '') }));
  const long = (await Promise.all(texts)).flatMap(({ file, text }) => {
    const begins = comments.flatMap((it) => (it.files.test(file) ? [it.begin] : []));
    return text.split('\n').flatMap((line, index) => {
      const isComment = begins.some((it) => it.test(line));
      return isComment && line.length > longestComment ? [`${file}:${index + 1}`] : [];
    });
  });
  expect(long).toEqual([]);
});

it(`has at most ${mostCodeInInfra} lines of code in infra/`, () => {
  const lines = sources.filter(({ file }) => file.startsWith('infra/')).reduce((sum, it) => sum + it.lines, 0);
  expect(lines).toBeLessThanOrEqual(mostCodeInInfra);
});
