/** What is counted about one account, one address or one browser. */
export interface Tally {
  wrong: number;
  /** Attempts whose outcome is not known yet. */
  trying: number;
  firstAt: number;
  lastAt: number;
}

export interface Tallies {
  /** The tally of `key`, which starts anew `windowMs` after its first wrong password. */
  of(key: string): Tally;
}

export interface TalliesOptions {
  readonly now: () => Date;
  readonly windowMs: number;
  /** When there would be more, those that were not asked for longest are forgotten. */
  readonly atMost: number;
}

/** Tallies in memory. Each process counts for itself. */
export function createTallies({ now, windowMs, atMost }: TalliesOptions): Tallies {
  const tallies = new Map<string, Tally>();
  return {
    of(key) {
      const at = now().getTime();
      const found = tallies.get(key);
      const tally = found ?? { wrong: 0, trying: 0, firstAt: at, lastAt: at };
      if (at - tally.firstAt >= windowMs) Object.assign(tally, { wrong: 0, firstAt: at });
      // Setting it again puts it last in the order of the map, so the first is the one that may go.
      tallies.delete(key);
      tallies.set(key, tally);
      if (tallies.size > atMost) tallies.delete(tallies.keys().next().value ?? '');
      return tally;
    },
  };
}
