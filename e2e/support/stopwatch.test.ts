import { setTimeout as sleep } from 'node:timers/promises';
import { parseStolenMs, startStopwatch } from './stopwatch.ts';

it('reads what was stolen from all processors together', () => {
  expect(parseStolenMs('cpu  130 0 60 1900 90 0 0 60 0 0\ncpu0 65 0 30 950 45 0 0 30 0 0\n')).toBe(600);
});

it('knows of nothing stolen where nobody says', () => {
  expect(parseStolenMs('')).toBe(0);
});

it('measures no more than the clock, and no less than nothing', async () => {
  const from = performance.now();
  const tookMs = await startStopwatch();
  await sleep(50);
  const own = await tookMs();
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThanOrEqual(performance.now() - from);
});
