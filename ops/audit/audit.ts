import { setTimeout as sleep } from 'node:timers/promises';
import { agrees, type Pair, type View } from './view.ts';

export interface Mismatch extends Pair {
  readonly view: View;
}

export interface Findings {
  /** How many pairs were compared. */
  readonly compared: number;
  readonly mismatches: readonly Mismatch[];
  /**
   * How many differed in every comparison, but never twice in the same way: under load a copy may always be a little
   * behind.
   */
  readonly moving: number;
}

/** How many are read again in one query. */
const readAtOnce = 200;
const lookEveryMs = 1_000;
/** How many times longer to wait for a pair that keeps changing than for one that stands still. */
const movingFactor = 3;

interface Suspect {
  readonly view: View;
  readonly pair: Pair;
  /** Since when neither side has changed. */
  readonly sinceMs: number;
}

/**
 * Compares both sides of everything, then compares what differs again: a copy is always a little behind. A mismatch is
 * what stays different for `steadyMs` while neither side changes and nothing waits to be announced; a change that its
 * owner never announces becomes one in the end.
 */
export async function audit(views: readonly View[], steadyMs: number): Promise<Findings> {
  const suspects = new Map<string, Suspect>();
  let compared = 0;
  for (const view of views) {
    for await (const pair of view.pairs()) {
      compared++;
      if (!agrees(pair)) suspects.set(keyOf(view, pair.id), { view, pair, sinceMs: performance.now() });
    }
  }
  const endMs = performance.now() + movingFactor * steadyMs;
  const isSteady = ({ sinceMs }: Suspect) => performance.now() - sinceMs >= steadyMs;
  const open = () => [...suspects.values()].filter((it) => it.pair.waits || !isSteady(it));
  while (open().length > 0 && performance.now() < endMs) {
    await sleep(Math.min(lookEveryMs, steadyMs / 4));
    await lookAgain(suspects);
  }
  const steady = [...suspects.values()].filter(isSteady);
  return {
    compared,
    mismatches: steady.map(({ view, pair }) => ({ view, ...pair })),
    moving: suspects.size - steady.length,
  };
}

/** Drops pairs that agree now, and restarts the time of those that have changed. */
async function lookAgain(suspects: Map<string, Suspect>): Promise<void> {
  for (const [view, theirs] of Map.groupBy([...suspects.values()], (it) => it.view)) {
    const ids = theirs.map(({ pair }) => pair.id);
    for (let from = 0; from < ids.length; from += readAtOnce) {
      const asked = ids.slice(from, from + readAtOnce);
      const differ = new Map<string, Pair>();
      for await (const pair of view.pairs(asked)) if (!agrees(pair)) differ.set(pair.id, pair);
      for (const id of asked) {
        const key = keyOf(view, id);
        const pair = differ.get(id);
        if (!pair) suspects.delete(key);
        else if (JSON.stringify(pair) !== JSON.stringify(suspects.get(key)?.pair))
          suspects.set(key, { view, pair, sinceMs: performance.now() });
      }
    }
  }
}

export interface Left extends Mismatch {
  /** Why it could not be announced again. */
  readonly reason?: string;
}

/**
 * Has every mismatch announced again by its owner, and waits until both sides agree, for up to `patienceMs` after the
 * last one that came to agree. Does not wait for what could not be announced. Returns those that still differ.
 */
export async function repair(mismatches: readonly Mismatch[], patienceMs: number): Promise<Left[]> {
  const reasons = new Map<string, string>();
  const suspects = new Map<string, Suspect>();
  for (const { view, ...pair } of mismatches) {
    const key = keyOf(view, pair.id);
    suspects.set(key, { view, pair, sinceMs: performance.now() });
    try {
      // Read again: repairing one may have changed another, or made its owner readable.
      for await (const present of view.pairs([pair.id])) if (!agrees(present)) await view.repair(present);
    } catch (error) {
      reasons.set(key, Error.isError(error) ? error.message : String(error));
    }
  }
  let [left, endMs] = [suspects.size, performance.now() + patienceMs];
  const mayAgree = () => suspects.keys().some((key) => !reasons.has(key));
  while (mayAgree() && performance.now() < endMs) {
    await sleep(Math.min(lookEveryMs, patienceMs / 4));
    await lookAgain(suspects);
    if (suspects.size < left) endMs = performance.now() + patienceMs;
    left = suspects.size;
  }
  return [...suspects].map(([key, { view, pair }]) => {
    const reason = reasons.get(key);
    return { view, ...pair, ...(reason === undefined ? {} : { reason }) };
  });
}

const keyOf = (view: View, id: string): string => `${view.name}/${id}`;
