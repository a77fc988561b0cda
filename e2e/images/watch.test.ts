import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { execa } from 'execa';

const watcher = resolve(import.meta.dirname, '../../infra/k8s/overlays/dev/watch.mjs');

let dir: string;
let watching: ChildProcess;
let said: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-watch-'));
  await mkdir(join(dir, 'src/deep'), { recursive: true });
  await writeFile(
    join(dir, 'src/main.ts'),
    `import { saved } from './deep/it.ts';
     // First, because it may be told to end as soon as it says something.
     process.on('SIGTERM', () => { console.log('ends in order'); process.exit(7); });
     console.log(\`saved \${saved}\`);
     setInterval(() => {}, 1_000);`,
  );
  await save(0);
});

afterEach(async () => {
  if (watching.exitCode === null && watching.signalCode === null) {
    // What it has started, too.
    process.kill(-(watching.pid ?? Number.NaN), 'SIGKILL');
    await once(watching, 'exit');
  }
  await rm(dir, { recursive: true, force: true });
});

function run(): void {
  said = '';
  watching = spawn(process.execPath, [watcher, 'src', '--', 'src/main.ts'], { cwd: dir, detached: true });
  watching.stdout?.on('data', (more) => {
    said += more;
  });
  watching.stderr?.on('data', (more) => {
    said += more;
  });
}

const text = (number: number) => `export const saved = ${number};\n`;
const save = (number: number, file = 'src/deep/it.ts') => writeFile(join(dir, file), text(number));
const says = (what: string) => eventually(() => expect(said).toContain(what));

/** As editors do it. */
async function replace(number: number): Promise<void> {
  await save(number, 'src/deep/it.ts.new');
  await rename(join(dir, 'src/deep/it.ts.new'), join(dir, 'src/deep/it.ts'));
}

/** As Skaffold does it. */
async function unpack(number: number): Promise<void> {
  await mkdir(join(dir, 'packed/src/deep'), { recursive: true });
  await save(number, 'packed/src/deep/it.ts');
  const packed = await execa('tar', ['-C', join(dir, 'packed'), '-cf', '-', 'src/deep/it.ts'], { encoding: 'buffer' });
  await execa('tar', ['-C', dir, '-xf', '-'], { input: packed.stdout });
}

it.each([
  ['written', save],
  ['replaced', replace],
  ['unpacked', unpack],
])('starts a service anew each time a file is %s', async (_how, change) => {
  run();
  for (const number of [1, 2, 3, 4]) {
    await says(`saved ${number - 1}\n`);
    await change(number);
  }
  await says('saved 4\n');
  expect(said.match(/ends in order/g)).toHaveLength(4);
});

it('starts what has failed once it is mended', async () => {
  await writeFile(join(dir, 'src/deep/it.ts'), 'export const saved = ;');
  run();
  await says('it begins again with the next change');
  await save(5);
  await says('saved 5\n');
});

it('watches a folder that is new', async () => {
  run();
  await says('saved 0\n');
  await mkdir(join(dir, 'src/deeper'));
  await save(1, 'src/deeper/more.ts');
  await writeFile(join(dir, 'src/deep/it.ts'), "export { saved } from '../deeper/more.ts';\n");
  await says('saved 1\n');
  await save(2, 'src/deeper/more.ts');
  await says('saved 2\n');
});

it('lets a service stop in order, and says how it ended', async () => {
  run();
  await says('saved 0\n');
  watching.kill();
  expect(await once(watching, 'exit')).toEqual([7, null]);
  expect(said).toContain('ends in order');
});

it('leaves it running when only a test has changed', async () => {
  run();
  await says('saved 0\n');
  await save(0, 'src/deep/it.test.ts');
  await save(1);
  await says('saved 1\n');
  expect(said.match(/ends in order/g)).toHaveLength(1);
});
