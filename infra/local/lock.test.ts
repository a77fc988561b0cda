import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { tryLock } from './lock.mjs';

describe('a lock', () => {
  let dir: string;
  let path: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lock-'));
    path = join(dir, 'it.lock');
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const lockModule = JSON.stringify(join(import.meta.dirname, 'lock.mjs'));

  /** Takes the lock in another process, which stays alive. */
  async function takenByAnother() {
    const script = `
      const { tryLock } = await import(${lockModule});
      tryLock(${JSON.stringify(path)}, { url: 'http://localhost:1' });
      console.log('taken');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    return other;
  }

  it('is free again once it is released, and leaves no file', async () => {
    for (let time = 0; time < 2; time++) {
      const lock = tryLock(path);
      expect(lock.taken).toBe(true);
      if (lock.taken) lock.release();
    }
    await expect(readdir(dir)).resolves.toEqual([]);
  });

  it('names its holder, with its note', async () => {
    const other = await takenByAnother();

    expect(tryLock(path)).toMatchObject({ taken: false, holder: { pid: other.pid, url: 'http://localhost:1' } });
    other.kill();
  });

  it('is taken over from a process that was killed', async () => {
    const other = await takenByAnother();
    other.kill('SIGKILL');
    await once(other, 'exit');

    expect(tryLock(path).taken).toBe(true);
  });

  it('is taken over when its pid belongs to another process by now', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, born: 'long ago' }));

    expect(tryLock(path).taken).toBe(true);
  });

  it('is taken over when it is unreadable', async () => {
    await writeFile(path, '{"pid":');

    expect(tryLock(path).taken).toBe(true);
  });

  it('keeps a note that is written later', async () => {
    const lock = tryLock(path);
    if (lock.taken) lock.note({ url: 'http://localhost:2' });

    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, url: 'http://localhost:2' });
  });

  it('is taken by one of many that find it stale at the same moment', async () => {
    await writeFile(path, JSON.stringify({ pid: 2 ** 30, born: 'never' }));
    const script = `
      const { tryLock } = await import(${lockModule});
      console.log(tryLock(${JSON.stringify(path)}).taken);
      process.stdin.resume();`;
    // Each lives until all have answered: a lock whose process is gone may be taken again.
    const tries = Array.from({ length: 8 }, () => execa(process.execPath, ['-e', script]));
    const answers = await Promise.all(tries.map(async (it) => String((await once(it.stdout, 'data'))[0]).trim()));
    for (const it of tries) it.stdin.end();
    await Promise.all(tries);

    expect(answers.filter((answer) => answer === 'true')).toHaveLength(1);
  });
});
