import { problem } from '@box-office/common/problem';

/** On whose behalf a task runs. Turns are shared fairly between accounts and between addresses. */
export interface Claimant {
  readonly account: string;
  readonly address: string;
}

export type InTurn = <Result>(claimant: Claimant, task: () => Promise<Result>) => Promise<Result>;

/** An address gets as many turns as this many accounts, because a whole office may share it. */
const accountsPerAddress = 8;

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
 * Start-time fair queueing (Goyal, Vin, Cheng, 1996): each account and each address has a virtual clock, which each of
 * its tasks advances; the task with the earliest time runs next. A newcomer is therefore served next, however many
 * tasks of one account or address are waiting.
 *
 * When the queue is full, the task that would be served last is refused with 503 `too-busy`. It is not necessarily the
 * one that arrived last.
 */
export function createTurnstile({ atOnce, waitingAtMost }: { atOnce: number; waitingAtMost: number }): InTurn {
  const waiting: Waiting[] = [];
  const clocks = new Map<string, number>();
  let running = 0;
  let virtualTime = 0;

  const clocksOf = ({ account, address }: Claimant) =>
    [
      [`account ${account}`, 1],
      [`address ${address}`, 1 / accountsPerAddress],
    ] as const;

  const turnOf = (claimant: Claimant) =>
    Math.max(virtualTime, ...clocksOf(claimant).map(([clock]) => clocks.get(clock) ?? 0));

  function advance(claimant: Claimant): number {
    const turn = turnOf(claimant);
    for (const [clock, cost] of clocksOf(claimant)) {
      clocks.set(clock, Math.max(virtualTime, clocks.get(clock) ?? 0) + cost);
    }
    return turn;
  }

  function takeBack(claimant: Claimant): void {
    for (const [clock, cost] of clocksOf(claimant)) clocks.set(clock, (clocks.get(clock) ?? 0) - cost);
  }

  /** A clock that is not ahead of virtual time has the same effect as a missing one. */
  function forgetIdleClocks(): void {
    if (clocks.size <= 4 * (atOnce + waitingAtMost)) return;
    for (const [clock, time] of clocks) if (time <= virtualTime) clocks.delete(clock);
  }

  /** Makes room for a newcomer. @throws Problem 503 `too-busy` when no waiting task has a later turn */
  function makeRoom(newcomer: Claimant): void {
    if (waiting.length < waitingAtMost) return;
    const last = waiting.reduce<Waiting | undefined>((a, b) => (a && a.turn > b.turn ? a : b), undefined);
    if (!last || last.turn <= turnOf(newcomer)) throw tooBusy();
    waiting.splice(waiting.indexOf(last), 1);
    takeBack(last.claimant);
    last.refuse(tooBusy());
  }

  function startNext(): void {
    const next = waiting.reduce<Waiting | undefined>((a, b) => (a && a.turn <= b.turn ? a : b), undefined);
    if (!next) {
      running--;
      return;
    }
    waiting.splice(waiting.indexOf(next), 1);
    virtualTime = next.turn;
    next.start();
  }

  return async (claimant, task) => {
    if (running < atOnce) {
      running++;
      virtualTime = advance(claimant);
    } else {
      makeRoom(claimant);
      // A finished task passes its place to a waiting one, so a newcomer cannot take it.
      await new Promise<void>((start, refuse) => waiting.push({ claimant, turn: advance(claimant), start, refuse }));
    }
    forgetIdleClocks();
    try {
      return await task();
    } finally {
      startNext();
    }
  };
}

const tooBusy = () =>
  problem('too-busy', 'Too many people are signing in right now. Try again in a few seconds.', {
    retryAfterSeconds: 5,
  });
