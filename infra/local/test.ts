import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import pc from 'picocolors';
import { inWords, sum, type Tally, tallyOfJest, tallyOfOne } from './tally.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = (path: string) => join(root, 'node_modules', path);

async function main(jestArgs: readonly string[]): Promise<Tally> {
  const lint = await check('lint', [[bin('@biomejs/biome/bin/biome'), 'check', '.']]);
  const tsc = bin('@typescript/native/bin/tsc');
  const types = await check('types', [[tsc], [tsc, '-p', 'client']]);
  const tests = await allTests(jestArgs);
  for (const [name, tally] of Object.entries({ lint, types, tests })) {
    process.stdout.write(`${name.padEnd(6)} ${tally.failed > 0 ? pc.red(inWords(tally)) : inWords(tally)}\n`);
  }
  return sum([lint, types, tests]);
}

/** Several commands that count as one check. */
async function check(name: string, commands: readonly (readonly string[])[]): Promise<Tally> {
  process.stdout.write(`${pc.bold(name)}\n`);
  let held = true;
  for (const command of commands) held = (await run(command)) === 0 && held;
  return tallyOfOne(held);
}

/** Those that measure how long something takes have the machine to themselves, before the others have made it hot; those that take minutes come last, two at a time, for half of that they wait. */
async function allTests(args: readonly string[]): Promise<Tally> {
  const alone = await jest('tests, one after the other', [...args, '--runInBand', '--testMatch=**/*.serial.test.ts']);
  const together = await jest('tests', [...args, '--testPathIgnorePatterns=\\.(serial|slow)\\.test\\.ts$']);
  const slow = await jest('tests that take minutes', [...args, '--maxWorkers=2', '--testMatch=**/*.slow.test.ts']);
  const tests = sum([alone, together, slow]);
  return tests.passed + tests.failed + tests.skipped === 0 ? tallyOfOne(false) : tests;
}

async function jest(name: string, args: readonly string[]): Promise<Tally> {
  process.stdout.write(`${pc.bold(name)}\n`);
  const dir = await mkdtemp(join(tmpdir(), 'box-office-tally-'));
  try {
    const outputFile = join(dir, 'jest.json');
    const exitCode = await run([
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js')],
      ...['--json', `--outputFile=${outputFile}`, '--passWithNoTests'],
      ...args,
    ]);
    return tallyOfJest(await readFile(outputFile, 'utf8').catch(() => undefined), exitCode);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Runs a program of ours in the Node that we run in. */
async function run(args: readonly string[]): Promise<number | undefined> {
  const { exitCode } = await execa(process.execPath, args, {
    cwd: root,
    reject: false,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  return exitCode;
}

// Ends with whoever started it; what it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}
process.on('disconnect', () => process.exit(1));

const tally = await main(process.argv.slice(2));
process.stdout.write(`${inWords(tally)}\n`);
process.exit(tally.failed > 0 ? 1 : 0);
