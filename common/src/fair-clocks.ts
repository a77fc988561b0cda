/** On whose behalf a task runs. Turns are shared fairly between accounts and between addresses. */
export interface Claimant {
  readonly account: string;
  readonly address: string;
}

/** An address gets as many turns as this many accounts, because a whole office may share it. */
const accountsPerAddress = 8;

/**
 * The virtual clocks of start-time fair queueing (Goyal, Vin, Cheng, 1996): each account and each address has one,
 * which each of its tasks advances. Of the tasks that wait, the one with the earliest turn is next.
 */
export interface FairClocks {
  /** The turn that the claimant's next task would get. The lowest is served first. */
  turnOf(claimant: Claimant): number;
  /** Assigns the claimant's next turn. */
  advance(claimant: Claimant): number;
  /** Undoes one `advance`, for a task that was refused after all. */
  takeBack(claimant: Claimant): void;
  /** Moves virtual time to the turn of the task that begins to run. */
  serve(turn: number): void;
  /** How many clocks are in memory. */
  readonly size: number;
}

/** @param atMost From this many clocks on, those that are not ahead of virtual time are forgotten. */
export function createFairClocks(atMost: number): FairClocks {
  const clocks = new Map<string, number>();
  let virtualTime = 0;

  const costs = ({ account, address }: Claimant) =>
    [
      [`account ${account}`, 1],
      [`address ${address}`, 1 / accountsPerAddress],
    ] as const;

  /** A missing clock has the same effect as one that is not ahead of virtual time. */
  const timeOf = (clock: string) => Math.max(virtualTime, clocks.get(clock) ?? virtualTime);

  const turnOf = (claimant: Claimant) => Math.max(...costs(claimant).map(([clock]) => timeOf(clock)));

  function forgetIdle(): void {
    if (clocks.size <= atMost) return;
    for (const [clock, time] of clocks) if (time <= virtualTime) clocks.delete(clock);
  }

  return {
    turnOf,
    advance(claimant) {
      const turn = turnOf(claimant);
      forgetIdle();
      for (const [clock, cost] of costs(claimant)) clocks.set(clock, timeOf(clock) + cost);
      return turn;
    },
    takeBack(claimant) {
      for (const [clock, cost] of costs(claimant)) clocks.set(clock, timeOf(clock) - cost);
    },
    serve(turn) {
      virtualTime = turn;
    },
    get size() {
      return clocks.size;
    },
  };
}
