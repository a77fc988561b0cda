import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { type ServiceEntry, services } from '../services.ts';
import { filesOf } from './files.ts';
import { type Names, namesOf } from './names.ts';
import { places, withOneMore } from './places.ts';

const root = resolve(import.meta.dirname, '..');

const { words, values, refuse } = commandLine({
  name: 'npm run new-service',
  does: 'makes a service: its folder, its manifests, its entry in services.ts, and its name wherever services are named',
  words: { NAME: 'what it is called, in the plural: reviews' },
  options: { thing: { value: 'NAME', does: 'what it keeps, in the singular; from its own name otherwise' } },
  notes: [
    'It listens to tickets, keeps one thing for each of them, announces it and serves it: a complete service, for you to change.',
  ],
});

const [service, ...others] = words;
if (service === undefined || others.length > 0) refuse('Expected the name of one service.');
const found = namesOf(service ?? '', values.thing);
const names = typeof found === 'string' ? refuse(found) : found;
for (const taken of [names.service, `common/src/contracts/${names.service}.ts`])
  if (existsSync(join(root, taken))) refuse(`${taken} is there already.`);

const entry: ServiceEntry = {
  name: names.service,
  purpose: `One ${names.thing} for each ticket`,
  hasDatabase: true,
  announces: true,
  listensTo: ['tickets'],
  serves: [`/api/${names.service}`],
  debugPort: Math.max(...services.map(({ debugPort }) => debugPort)) + 1,
};

const changed = await changedFiles(entry, names);
for (const [file, text] of changed) {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}
await symlink(join('../..', names.service), join(root, 'node_modules/@box-office', names.service));
format([...changed.keys()].filter((file) => /\.(ts|json)$/.test(file) && file !== 'package-lock.json'));
run(join(root, 'docs/generate/main.ts'));
run(join(root, 'ops/monitoring/main.ts'));
console.log(
  `Made ${names.service}: ${changed.size} files. Begin with ${names.service}/src/${names.thing}.ts; npm start runs it.`,
);

/** All of them before the first is written, so that a fault leaves everything as it was. */
async function changedFiles(entry: ServiceEntry, names: Names): Promise<Map<string, string>> {
  const files = await filesOf(names, root);
  const textOf = async (file: string) => files.get(file) ?? (await readFile(join(root, file), 'utf8'));
  for (const place of places) {
    files.set(place.file, withOneMore(place, await textOf(place.file), [...services, entry]));
  }
  files.set('services.ts', withEntry(await textOf('services.ts'), entry));
  files.set('package-lock.json', withWorkspace(await textOf('package-lock.json'), files, names.service));
  return files;
}

function withEntry(text: string, entry: ServiceEntry): string {
  const end = '] as const satisfies readonly ServiceEntry[];';
  return text.replace(end, `${JSON.stringify(entry)},\n${end}`);
}

/** As npm writes it; it need not be asked, because the service brings nothing that others have not. */
function withWorkspace(text: string, files: ReadonlyMap<string, string>, service: string): string {
  interface Lock {
    readonly packages: Record<string, Record<string, unknown>>;
  }
  const lock: Lock = JSON.parse(text);
  const read = (file: string): Record<string, unknown> => JSON.parse(files.get(file) ?? '{}');
  const { name, version, license, dependencies, devDependencies } = read(`${service}/package.json`);
  lock.packages[''] = { ...lock.packages[''], workspaces: read('package.json').workspaces };
  const documents = read('docs/generate/package.json');
  lock.packages['docs/generate'] = { ...lock.packages['docs/generate'], dependencies: documents.dependencies };
  lock.packages[service] = { name, version, license, dependencies, devDependencies };
  lock.packages[`node_modules/@box-office/${service}`] = { resolved: service, link: true };
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}

function format(files: readonly string[]): void {
  run(join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write', ...files);
}

function run(...args: readonly string[]): void {
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}
