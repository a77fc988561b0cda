import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '@box-office/common/testing/eventually';
import { tryLock } from '@box-office/local/lock.mjs';
import { execa } from 'execa';
import { situations } from './lab/situations.ts';

const root = resolve(import.meta.dirname, '..');
const names = situations.map(({ name }) => name);

const lab = (...args: string[]) => execa(process.execPath, [join(root, 'e2e/lab/main.ts'), ...args], { reject: false });

describe('npm run lab', () => {
  it('lists its situations, for people and for machines', async () => {
    const [told, json] = await Promise.all([lab(), lab('--json')]);
    expect(told.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(names);
    const lines = json.stdout.split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ kind, name }) => `${kind} ${name}`)).toEqual(names.map((name) => `situation ${name}`));
    for (const { title, teaches, should, courseStyle } of lines)
      for (const sentence of [title, teaches, should, courseStyle]) expect(sentence).toMatch(/^[A-Z].{10,}/);
    expect([told.exitCode, json.exitCode]).toEqual([0, 0]);
  });

  it('says which situations there are, to whoever asks for another one', async () => {
    const { exitCode, stderr } = await lab('webhook-missing');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`There is no situation "webhook-missing". There are: ${names.join(', ')}, all.`);
  });

  it('does not run on a platform that is only being started', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lab-'));
    const lock = tryLock(`${join(dir, 'state')}.lock`);
    try {
      const { exitCode, stderr } = await lab('two-buyers', '--state', join(dir, 'state'));
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`The platform of process ${process.pid} is only being started.`);
    } finally {
      if (lock.taken) lock.release();
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('is taught by a section for each situation', async () => {
    const guide = await readFile(join(root, 'docs/lab.md'), 'utf8');
    const sections = guide.split(/^## /m).slice(1);
    expect(sections.map((it) => it.split('\n', 1)[0])).toEqual(names.map((name) => `\`${name}\``));
    for (const [at, name] of names.entries()) {
      for (const part of ['What happens', 'The usual code', 'This code', 'Where', `npm run lab -- ${name}\``])
        expect(sections[at]).toContain(part);
    }
  });
});

describe('npm run lab -- --course-style', () => {
  it('has defects of its own that fit these sources, each for one situation', async () => {
    const folder = join(root, 'e2e/lab/usual');
    for (const file of await readdir(folder)) {
      expect(names).toContain(file.replace(/\.patch$/, ''));
      await execa('git', ['apply', '--check', '--recount', '-C0', join(folder, file)], { cwd: root });
    }
  });

  it('shows what becomes of the same order on the usual code', async () => {
    const { stdout, exitCode } = await lab('old-version-late', '--course-style', '--json');
    const lines = stdout.split('\n').map((line) => JSON.parse(line));
    expect(lines.filter(({ kind, ok }) => kind === 'check' && !ok).map(({ text }) => text)).toContain(
      'Orders still knows the new price',
    );
    expect(lines.at(-1)).toMatchObject({ kind: 'result', ok: false });
    expect(exitCode).toBe(0);
  });
});

describe('what the lab has broken', () => {
  const undoing = join(root, 'e2e/lab/undoing.ts');
  const isStopped = async (pid: number | undefined) => {
    const { stdout } = await execa('ps', ['-o', 'stat=', '-p', `${pid}`]);
    return stdout.startsWith('T');
  };

  it('is whole again after the lab was killed with -9', async () => {
    const put: string[] = [];
    const sandbox = createServer(async (req, res) => {
      put.push(`${req.method} ${req.url} ${req.headers.authorization} ${await text(req)}`);
      res.end();
    }).listen(0, '127.0.0.1');
    const victim = spawn('sleep', ['60']);
    let breaking: ReturnType<typeof spawn> | undefined;
    const url = () => `http://127.0.0.1:${(sandbox.address() as AddressInfo).port}`;
    try {
      await eventually(() => expect(sandbox.listening).toBe(true));
      const remedies = [{ pid: victim.pid }, { url: url(), secretKey: 'sk', faults: { seed: 3 } }];
      const script = `
        const { startUndoing } = await import(${JSON.stringify(undoing)});
        const undoing = startUndoing();
        for (const remedy of ${JSON.stringify(remedies)}) await undoing.first(remedy);
        process.kill(${victim.pid}, 'SIGSTOP');
        console.log('stopped');
        setInterval(() => {}, 1000);`;
      breaking = spawn(process.execPath, ['--input-type=module', '-e', script]);
      let said = '';
      breaking.stdout?.on('data', (data) => {
        said += data;
      });
      await eventually(() => expect(said).toContain('stopped'));
      await eventually(async () => expect(await isStopped(victim.pid)).toBe(true));
      expect(put).toEqual([]);
      breaking.kill('SIGKILL');
      await eventually(async () => expect(await isStopped(victim.pid)).toBe(false));
      await eventually(() => expect(put).toEqual(['PUT /sandbox/faults Bearer sk {"seed":3}']));
    } finally {
      breaking?.kill('SIGKILL');
      victim.kill('SIGKILL');
      sandbox.close();
    }
  });
});
