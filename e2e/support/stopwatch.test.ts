import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIdleMs, startStopwatch } from './stopwatch.ts';

it('reads how long all processors together had nothing to do', () => {
  expect(parseIdleMs('cpu  130 0 60 1900 90 0 0 60 0 0\ncpu0 65 0 30 950 45 0 0 30 0 0\n')).toBe(19_000);
});

it('knows nothing where nobody tells', () => {
  for (const stat of ['', 'cpu  0 0 0 0 0 0 0 0 0 0\n']) expect(parseIdleMs(stat)).toBeUndefined();
});

it('measures no more than the clock, and no less than nothing', async () => {
  const from = performance.now();
  const read = await startStopwatch();
  await sleep(50);
  const { ms, idleMs } = await read();
  expect(ms).toBeGreaterThan(40);
  expect(ms).toBeLessThanOrEqual(performance.now() - from);
  expect(idleMs).toBeGreaterThanOrEqual(0);
  expect(idleMs).toBeLessThanOrEqual(ms);
});

const few = process.platform === 'linux' && availableParallelism() <= 8;
(few ? it : it.skip)('does not count work as idle', async () => {
  const read = await startStopwatch();
  const until = performance.now() + 1_000;
  let turns = 0;
  while (performance.now() < until) turns++;
  const { ms, idleMs } = await read();
  expect(turns).toBeGreaterThan(0);
  expect(idleMs).toBeLessThan(0.95 * ms);
});
