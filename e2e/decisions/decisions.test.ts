import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { serviceNames } from '../../services.ts';
import { decisions, notMutated } from './decisions.ts';

const root = resolve(import.meta.dirname, '../..');
const sources: ReadonlyMap<string, string> = new Map(
  ['common', ...serviceNames]
    .flatMap((folder) => globSync(`${folder}/src/**/*.ts`, { cwd: root }))
    .filter((file) => !/(\.|-under-)test\.ts$/.test(file))
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

/** What a file imports at run time: a file of ours by its path, anything else by its name. */
function importsOf(file: string): string[] {
  const text = sources.get(file) ?? '';
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\bfrom\s+)?'([^'\n]+)';$/gm);
  return [...statements].map(([, specifier = '']) => {
    if (specifier.startsWith('.')) return join(dirname(file), specifier);
    return specifier.replace(/^@box-office\/common\/(.*)$/, 'common/src/$1.ts');
  });
}

/** Packages that reach no database, broker, network, disk or clock. */
const harmless = ['zod', 'node:util', 'node:crypto'];

/** Whether neither the file nor anything that it imports can reach the world outside. */
const isPure = (file: string): boolean =>
  importsOf(file).every((it) => harmless.includes(it) || (sources.has(it) && isPure(it)));

/**
 * Whether a file decides by what it is told alone. What waits for something leaves that to what it is given, such as a
 * store.
 */
function isDeciding(file: string): boolean {
  const text = sources.get(file) ?? '';
  return /=>|\bfunction\b/.test(text) && !/\b(?:async|Promise)\b/.test(text) && isPure(file);
}

const deciding = [...sources.keys()].filter((file) => !file.startsWith('common/') && isDeciding(file)).sort();
const inSrc = (service: string, files: readonly string[]) => files.map((file) => `${service}/src/${file}`);
const mutated = decisions.flatMap(({ service, files }) => inSrc(service, files));
const isExcepted = (file: string) => notMutated.some((it) => file.startsWith(it.path));

it('sees decisions', () => {
  expect(deciding).toContain('orders/src/order.ts');
  expect(deciding.length).toBeGreaterThan(40);
});

it('forgets no file that decides', () => {
  expect(deciding.filter((file) => !mutated.includes(file) && !isExcepted(file))).toEqual([]);
});

it('excepts only files that decide and are not mutated', () => {
  const needless = notMutated.filter(({ path }) => !deciding.some((file) => file.startsWith(path)));
  expect([...needless, ...mutated.filter(isExcepted)]).toEqual([]);
});

it('names only files that are there', () => {
  const tests = decisions.flatMap(({ service, tests }) => inSrc(service, tests));
  expect([...mutated, ...tests].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
