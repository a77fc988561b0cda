import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { type Decisions, decisions, type Survivor, survivors } from './decisions.ts';

const root = resolve(import.meta.dirname, '../..');
process.chdir(root);

/** Their type is an enum that exists at compile time only. */
const quietly = { logLevel: 'error', fileLogLevel: 'off' } as PartialStrykerOptions;

/** The share of changes that the tests must notice, the explained survivors counted as unnoticed. */
const noticedAtLeast = 0.95;

/** Changes one expression after the other in a service's decisions and runs its unit tests on each. */
function mutate({ service, files, tests }: Decisions): Promise<MutantResult[]> {
  const src = `${service}/src`;
  return new Stryker({
    mutate: files.map((file) => `${src}/${file}`),
    testRunner: 'mocha',
    plugins: ['@stryker-mutator/mocha-runner'],
    mochaOptions: {
      spec: tests.map((test) => `${src}/${test}`),
      require: ['./e2e/decisions/jest-globals.ts'],
    },
    coverageAnalysis: 'perTest',
    concurrency: availableParallelism(),
    // Copied are the sources that the decisions and their tests import.
    ignorePatterns: [
      '.local',
      'client',
      'docs',
      'e2e/*',
      '!e2e/decisions',
      'infra',
      'ops',
      'console',
      'stripe-sandbox',
    ],
    tempDirName: '.local/stryker',
    reporters: [],
    ...quietly,
    // A change that makes a test run for ever is noticed; a machine that is busy with something else must not look like
    // one.
    timeoutMS: 30_000,
    allowEmpty: false,
  }).runMutationTest();
}

async function originalOf({ fileName, location: { start, end } }: MutantResult): Promise<string> {
  const lines = (await readFile(fileName, 'utf8')).split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n');
}

const isExplained = (file: string, original: string, replacement: string) => (it: Survivor) =>
  file === join(root, it.file) && original === it.original && replacement === it.replacement;

const explained = new Set<Survivor>();
let failed = 0;
const only = process.argv.slice(2);
const chosen = decisions.filter(({ service }) => only.length === 0 || only.includes(service));
for (const some of chosen) {
  const results = await mutate(some);
  const counted = results.filter(({ status }) => !['CompileError', 'RuntimeError', 'Ignored'].includes(status));
  const unnoticed = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const share = 1 - unnoticed.length / counted.length;
  console.log(`${some.service.padEnd(10)} ${counted.length} changes, ${(share * 100).toFixed(1)} % noticed`);
  if (share < noticedAtLeast) {
    failed++;
    console.log(`  at least ${noticedAtLeast * 100} % must be`);
  }
  for (const mutant of unnoticed) {
    const original = await originalOf(mutant);
    const known = survivors.find(isExplained(mutant.fileName, original, mutant.replacement));
    if (known) explained.add(known);
    else failed++;
    const { fileName, location, replacement } = mutant;
    const where = `${fileName.slice(root.length + 1)}:${location.start.line}`;
    console.log(`  ${where}  ${original} → ${replacement}  ${known?.reason ?? 'UNNOTICED, and nobody says why'}`);
  }
}
for (const { file, original } of survivors.filter(
  (it) => !explained.has(it) && chosen.some(({ service }) => it.file.startsWith(`${service}/`)),
)) {
  failed++;
  console.log(`${file}: ${original} is explained as a survivor, and is noticed or gone`);
}
console.log(failed === 0 ? `${chosen.length} passed, 0 failed` : `0 passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
