import { between, type Counted, totalOf } from './counts.ts';
import { timed } from './measure.ts';

/** Longer than the relay waits before it clears outboxes, so that what belongs to a task is counted. */
export const settleMs = 4_000;

/** How long an idle platform is watched, so that what it does by itself can be left out. */
const idleMs = 2 * settleMs;

/** At most so much for one purchase, of each. */
export const wanted = { writes: 12, reads: 12, messages: 7 } as const;
type Limited = keyof typeof wanted;

/** What was counted for the task, without what the platform does in the same time when it is idle. */
export async function costOf(read: () => Promise<Counted>, task: () => Promise<void>): Promise<Counted> {
  const idleFrom = await read();
  await pause(idleMs);
  const from = await read();
  const tookMs = await timed(async () => {
    await task();
    await pause(settleMs);
  });
  const busy = between(from, await read());
  const idle = between(idleFrom, from);
  const share = tookMs / idleMs;
  const without = (kind: keyof Counted) =>
    new Map([...busy[kind]].map(([name, count]) => [name, count - (idle[kind].get(name) ?? 0) * share]));
  return {
    writes: without('writes'),
    reads: without('reads'),
    messages: without('messages'),
    processors: without('processors'),
  };
}

/** How much of each limited kind one of so many purchases took. */
export function eachOf(cost: Counted, purchases: number): Record<Limited, number> {
  const each = (kind: Limited) => totalOf(cost[kind]) / purchases;
  return { writes: each('writes'), reads: each('reads'), messages: each('messages') };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
