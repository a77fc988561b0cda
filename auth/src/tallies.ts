/** The counts for one account, address or browser. */
export interface Tally {
  wrong: number;
  /** Attempts whose outcome is not known yet. */
  trying: number;
  firstAt: number;
  lastAt: number;
}

export interface Tallies {
  /** The tally of `key`, which is reset `windowMs` after its first wrong password. */
  of(key: string): Tally;
}

export interface TalliesOptions {
  readonly now: () => Date;
  readonly windowMs: number;
  /** Beyond this number, the least recently used tallies are dropped. */
  readonly atMost: number;
}

/** Tallies in memory, so each process counts separately. */
export function createTallies({ now, windowMs, atMost }: TalliesOptions): Tallies {
  const tallies = new Map<string, Tally>();
  return {
    of(key) {
      const at = now().getTime();
      const found = tallies.get(key);
      const tally = found ?? { wrong: 0, trying: 0, firstAt: at, lastAt: at };
      if (at - tally.firstAt >= windowMs) Object.assign(tally, { wrong: 0, firstAt: at });
      // Setting it again moves it to the end of the map, so the first entry is the least recently used.
      tallies.delete(key);
      tallies.set(key, tally);
      if (tallies.size > atMost) tallies.delete(tallies.keys().next().value ?? '');
      return tally;
    },
  };
}
