import { setTimeout as sleep } from 'node:timers/promises';

/** Counts down from `withinMs`: each call returns the remaining ms, never less than 0. */
export function countdown(withinMs: number): () => number {
  const endsAt = performance.now() + withinMs;
  return () => Math.max(endsAt - performance.now(), 0);
}

/**
 * Waits for `work`, but no longer than `withinMs`. The work is not cancelled; a later rejection is ignored.
 *
 * @returns whether it was done in time
 */
export async function within(withinMs: number, work: Promise<unknown> | undefined): Promise<boolean> {
  const giveUp = new AbortController();
  const late = sleep(withinMs, false, { signal: giveUp.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), late]);
  } finally {
    giveUp.abort();
  }
}
