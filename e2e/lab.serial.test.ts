import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LabLine } from '@box-office/console/api/lab';
import { tryLock } from '@box-office/local/lock.mjs';
import { execa } from 'execa';
import { type LabPlatform, ownPlatform } from './lab/platform.ts';
import { runSituation } from './lab/run.ts';
import { situations } from './lab/situations.ts';
import { startUndoing, type Undoing } from './lab/undoing.ts';
import { startStopwatch } from './support/stopwatch.ts';

const root = resolve(import.meta.dirname, '..');
const mostSeconds = 20;

describe('the failure lab', () => {
  let dir: string;
  let platform: LabPlatform;
  let undoing: Undoing;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lab-'));
    platform = await ownPlatform(join(dir, 'state'));
    undoing = startUndoing();
  });

  afterAll(async () => {
    await undoing?.end();
    await platform?.end();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(situations)(`makes $name, and everything is as it should be within ${mostSeconds} s`, async (situation) => {
    const lines: LabLine[] = [];
    const read = await startStopwatch();
    const outcome = await runSituation(situation, platform, undoing, (line) => lines.push(line));
    const checks = lines.filter((line) => line.kind === 'check');
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThan(2);
    const result = lines.at(-1);
    expect({ outcome, result }).toMatchObject({
      outcome: 'held',
      result: { kind: 'result', name: situation.name, ok: true, orderId: expect.stringMatching(/^[0-9a-f]{24}$/) },
    });
    const { ms, idleMs } = await read();
    // In which it waited. A slow machine takes longer for the same work.
    expect(idleMs / 1_000).toBeLessThanOrEqual(mostSeconds);
    expect(ms / 1_000).toBeLessThanOrEqual(5 * mostSeconds);
  });

  it('finds the platform that runs here, and says where the story of the order is', async () => {
    const lock = tryLock(`${join(dir, 'state')}.lock`);
    if (!lock.taken) throw new Error('the lock is taken');
    const run = () =>
      execa(process.execPath, [join(root, 'e2e/lab/main.ts'), 'two-buyers', '--json', '--state', join(dir, 'state')], {
        reject: false,
      });
    try {
      expect(await run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is only being started') });
      const { url, nats, mongoUrl, stripe, consoleUrl } = platform;
      lock.note({ url, natsUrl: nats.url, mongoUrl, stripeUrl: stripe.url, consoleUrl, pids: platform.pids() });
      const { stdout, stderr, exitCode } = await run();
      const lines = stdout.split('\n').map((line): LabLine => JSON.parse(line));
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect([lines[0]?.kind, lines.at(-1)?.kind]).toEqual(['situation', 'result']);
      const result = lines.at(-1);
      if (result?.kind !== 'result') throw new Error('there is no result');
      expect(result.story).toBe(`${consoleUrl}/orders/${result.orderId}`);
    } finally {
      lock.release();
    }
  });
});
