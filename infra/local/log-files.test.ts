import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logFiles } from './log-files.ts';

describe('the files of log lines', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'logs-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('keep the lines of each process, and go on where they ended', async () => {
    for (const part of ['1', '2']) {
      const { write, close } = logFiles(dir);
      write('orders', `first ${part}`);
      write('mail', 'another');
      write('orders', `second ${part}`);
      close();
    }
    expect(await readFile(join(dir, 'orders.log'), 'utf8')).toBe('first 1\nsecond 1\nfirst 2\nsecond 2\n');
    expect((await stat(join(dir, 'orders.log'))).mode & 0o077).toBe(0);
  });

  it('are two for each process, of 4 MB at most', async () => {
    for (let round = 0; round < 12; round++) {
      const { write, close } = logFiles(dir);
      for (let n = 0; n < 10; n++) write('orders', `${round} ${'x'.repeat(99_990)}`);
      close();
    }
    expect((await readdir(dir)).toSorted()).toEqual(['orders.log', 'orders.log.old']);
    const sizes = await Promise.all(
      ['orders.log', 'orders.log.old'].map(async (it) => (await stat(join(dir, it))).size),
    );
    for (const size of sizes) expect(size).toBeLessThanOrEqual(4_000_000);
    expect(await readFile(join(dir, 'orders.log'), 'utf8')).toContain('\n11 x');
  });
});
