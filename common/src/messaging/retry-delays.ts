import type { JsMsg } from '@nats-io/jetstream';
import { countTries, keyOf } from './tries.ts';

/** The message itself is invalid, so a retry cannot help. */
export class Malformed extends Error {
  constructor(cause: unknown) {
    super(Error.isError(cause) ? cause.message : String(cause), { cause });
  }
}

/**
 * An event that this process has not asked for. While a service is updated, both releases read from one consumer, and
 * the other one listens to it.
 */
export class ForAnotherRelease extends Error {}

/** In ms. Longer than an update takes; the other release gets it as soon as it runs. */
const duringUpdateMs = [500, 2_000, 10_000, 30_000, 60_000, 120_000, 240_000, 480_000];
/** How many such events one process holds back. All of them count as being in work, of which there is a bound. */
const mostForOthers = 100;

/** Decides how long a message that could not be handled waits before its next try. */
export interface RetryDelays {
  /** In ms; undefined if there is to be no further try. */
  after(error: unknown, message: JsMsg): number | undefined;
  /** Forgets a message that was handled or given up. */
  over(message: JsMsg): void;
}

/**
 * @param usualMs The delay before each retry, after an error that may pass
 * @param nowMs A clock that only runs forward
 */
export function retryDelays(usualMs: readonly number[], nowMs: () => number = () => performance.now()): RetryDelays {
  const tries = countTries();
  /** When each is due again. Whoever else gets it then does not say so: until it comes back here, it is theirs. */
  const forOthers = new Map<string, number>();

  function isFull(): boolean {
    for (const [key, dueMs] of forOthers) if (dueMs < nowMs()) forOthers.delete(key);
    return forOthers.size >= mostForOthers;
  }

  return {
    after(error, message) {
      if (error instanceof Malformed) return undefined;
      if (!(error instanceof ForAnotherRelease)) return usualMs[tries.failed(message) - 1];
      forOthers.delete(keyOf(message));
      const delay = isFull() ? undefined : duringUpdateMs[tries.failed(message) - 1];
      if (delay !== undefined) forOthers.set(keyOf(message), nowMs() + delay);
      return delay;
    },
    over(message) {
      tries.over(message);
      forOthers.delete(keyOf(message));
    },
  };
}
