import { between, type Counted, totalOf } from './counts.ts';
import { timed } from './measure.ts';

/** Longer than the relay waits before it clears outboxes, so that what belongs to a task is counted. */
export const settleMs = 4_000;

/** How long an idle platform is watched, so that what it does by itself can be left out. */
const idleMs = 2 * settleMs;

/** At most so much for one purchase, of each, until the buyer has the tickets. */
export const wanted = { writes: 12, reads: 12, messages: 7 } as const;
/**
 * At most so much for the mails about it: one that asks for payment, which is not sent if that happens at once, and one
 * that says it is paid.
 */
export const wantedOfMail = { writes: 8, reads: 5, messages: 0 } as const;
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

/** How much of each limited kind one of so many purchases took, and how much the mails about it. */
export function eachOf(cost: Counted, purchases: number): Record<'sale' | 'mail', Record<Limited, number>> {
  const isMail = (name: string) => name.startsWith('mail.');
  const each = (kind: Limited, ofMail: boolean) =>
    totalOf(new Map([...cost[kind]].filter(([name]) => isMail(name) === ofMail))) / purchases;
  const all = (ofMail: boolean) => ({
    writes: each('writes', ofMail),
    reads: each('reads', ofMail),
    messages: each('messages', ofMail),
  });
  return { sale: all(false), mail: all(true) };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
