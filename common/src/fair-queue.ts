import { type Claimant, createFairClocks } from './fair-clocks.ts';
import { problem } from './problem.ts';

export interface FairQueue {
  /** @throws Problem 503 `too-busy` when the queue is full, also while the task waits and has to make room */
  run<Result>(claimant: Claimant, task: () => Promise<Result>): Promise<Result>;
  /**
   * For work that prepares a task: there is no use in it when the task would be refused.
   *
   * @throws Problem 503 `too-busy` when `run` would throw at once
   */
  mustHaveRoom(claimant: Claimant): void;
}

/** Clocks of accounts and addresses; beyond this number, idle ones are forgotten. */
const rememberedAtMost = 1_000;

export interface FairQueueOptions {
  readonly atOnce: number;
  readonly waitingAtMost: number;
  /** The reason for a refusal, as a sentence for people. When to try again is added to it. */
  readonly why: string;
}

interface Waiting {
  readonly claimant: Claimant;
  /** When its turn comes, in virtual time. The lowest is next. */
  readonly turn: number;
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Runs at most `atOnce` tasks at a time and queues up to `waitingAtMost`, which bounds both memory and waiting time.
 *
 * The task with the earliest turn runs next (see fair-clocks.ts). A newcomer is therefore served next, however many
 * tasks of one account or address are waiting.
 *
 * When the queue is full, the task that would be served last is refused with 503 `too-busy`. It is not necessarily the
 * one that arrived last.
 */
export function createFairQueue({ atOnce, waitingAtMost, why }: FairQueueOptions): FairQueue {
  const tooBusy = () => problem('too-busy', `${why} Try again in a few seconds.`, { retryAfterSeconds: 5 });
  const waiting: Waiting[] = [];
  const clocks = createFairClocks(rememberedAtMost);
  let running = 0;

  /** The task that has to make room for a newcomer, if any. @throws Problem when no waiting task has a later turn */
  function inTheWayOf(newcomer: Claimant): Waiting | undefined {
    if (running < atOnce || waiting.length < waitingAtMost) return;
    const last = waiting.reduce<Waiting | undefined>((a, b) => (a && a.turn > b.turn ? a : b), undefined);
    if (!last || last.turn <= clocks.turnOf(newcomer)) throw tooBusy();
    return last;
  }

  function makeRoom(newcomer: Claimant): void {
    const last = inTheWayOf(newcomer);
    if (!last) return;
    waiting.splice(waiting.indexOf(last), 1);
    clocks.takeBack(last.claimant);
    last.refuse(tooBusy());
  }

  function startNext(): void {
    const next = waiting.reduce<Waiting | undefined>((a, b) => (a && a.turn <= b.turn ? a : b), undefined);
    if (!next) {
      running--;
      return;
    }
    waiting.splice(waiting.indexOf(next), 1);
    clocks.serve(next.turn);
    next.start();
  }

  return {
    mustHaveRoom: (claimant) => void inTheWayOf(claimant),
    async run(claimant, task) {
      if (running < atOnce) {
        running++;
        clocks.serve(clocks.advance(claimant));
      } else {
        makeRoom(claimant);
        // A finished task passes its place to a waiting one, so a newcomer cannot take it.
        await new Promise<void>((start, refuse) =>
          waiting.push({ claimant, turn: clocks.advance(claimant), start, refuse }),
        );
      }
      try {
        return await task();
      } finally {
        startNext();
      }
    },
  };
}
