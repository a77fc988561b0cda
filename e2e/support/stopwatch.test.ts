import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
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

it('does not count work as idle', async () => {
  const isTold = parseIdleMs(await readFile('/proc/stat', 'utf8').catch(() => '')) !== undefined;
  const read = await startStopwatch();
  const before = process.cpuUsage();
  const worker = () => once(new Worker(busyForASecond, { eval: true }), 'exit');
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const { user, system } = process.cpuUsage(before);
  const { ms, idleMs } = await read();
  // A share of the processors may be all that this process gets.
  const workedMs = (user + system) / 1_000 / cpus().length;
  if (isTold) expect(ms - idleMs).toBeGreaterThan(workedMs / 2);
  else expect(idleMs).toBe(ms);
});

const busyForASecond = 'const until = performance.now() + 1_000; while (performance.now() < until);';
