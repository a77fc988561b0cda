import { setTimeout as sleep } from 'node:timers/promises';
import { parseStat, startStopwatch, stolenShare } from './stopwatch.ts';

it('counts as stolen what programs wanted and another machine had, and no idleness', () => {
  const before = parseStat('cpu  100 0 50 1000 10 0 0 20 0 0\ncpu0 …');
  const after = parseStat('cpu  130 0 60 1900 90 0 0 60 0 0\ncpu0 …');
  // 30 + 10 had, 40 stolen.
  expect(stolenShare(before, after)).toBe(0.5);
});

it('knows of nothing stolen where nobody says', () => {
  expect(stolenShare(parseStat(''), parseStat(''))).toBe(0);
});

it('measures no more than the clock, and no less than a part of it', async () => {
  const from = performance.now();
  const tookMs = await startStopwatch();
  await sleep(50);
  const own = await tookMs();
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThanOrEqual(performance.now() - from);
});
