import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa, type Options } from 'execa';
import pc from 'picocolors';
import { inWords, sum, type Tally, tallyOfJest, tallyOfOne } from './tally.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = (path: string) => join(root, 'node_modules', path);

async function main(jestArgs: readonly string[]): Promise<Tally> {
  const tsc = bin('@typescript/native/bin/tsc');
  // Each has one core to itself; what they print is shown when they are through.
  const [lint, types] = await Promise.all([
    check('lint', [[bin('@biomejs/biome/bin/biome'), 'check', '.'], [bin('knip/bin/knip.js')]]),
    check('types', [[tsc], [tsc, '-p', 'client'], [tsc, '-p', 'console/pages']]),
  ]);
  const tests = await allTests(jestArgs);
  for (const [name, tally] of Object.entries({ lint, types, tests })) {
    process.stdout.write(`${name.padEnd(6)} ${tally.failed > 0 ? pc.red(inWords(tally)) : inWords(tally)}\n`);
  }
  return sum([lint, types, tests]);
}

/** Several commands that count as one check. */
async function check(name: string, commands: readonly (readonly string[])[]): Promise<Tally> {
  let held = true;
  let output = '';
  for (const command of commands) {
    const { exitCode, all } = await program(command, {
      all: true,
      env: { FORCE_COLOR: pc.isColorSupported ? '1' : '0' },
    });
    held = exitCode === 0 && held;
    output += all ? `${all}\n` : '';
  }
  process.stdout.write(`${pc.bold(name)}\n${output}`);
  return tallyOfOne(held);
}

/**
 * Those that measure how long something takes come first and one after the other, so that nothing else loads the
 * machine. All others share it; those that take minutes begin before the rest (see sequencer.ts), so that no core
 * waits for the last of them.
 */
async function allTests(args: readonly string[]): Promise<Tally> {
  const alone = await jest('tests, one after the other', [...args, '--runInBand', '--testMatch=**/*.serial.test.ts']);
  const together = await jest('tests', [...args, '--testPathIgnorePatterns=\\.serial\\.test\\.ts$']);
  const tests = sum([alone, together]);
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

/** Runs one of our programs in this Node. */
async function run(args: readonly string[]): Promise<number | undefined> {
  const { exitCode } = await program(args, { stdout: 'inherit', stderr: 'inherit' });
  return exitCode;
}

function program<Output extends Options>(args: readonly string[], output: Output) {
  return execa(process.execPath, args, { cwd: root, reject: false, stdin: 'ignore', ...output });
}

// Ends when its parent ends, along with everything it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}
process.on('disconnect', () => process.exit(1));

const tally = await main(process.argv.slice(2));
process.stdout.write(`${inWords(tally)}\n`);
process.exit(tally.failed > 0 ? 1 : 0);
