import { setTimeout as sleep } from 'node:timers/promises';
import type { Show } from '@box-office/common/contracts/shows';
import type { OverReason } from '@box-office/common/contracts/waiting';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { Problem } from '@box-office/common/problem';
import { type Repeating, repeat } from '@box-office/common/repeat';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isStoreAway } from '@box-office/common/store/mongo';
import type { Logger } from 'pino';
import type { Order } from '../order.ts';
import type { Ordering } from '../ordering.ts';
import type { FreeUnits } from '../shows/free-units.ts';
import type { BarredOf, EndEntry } from './ending.ts';
import { beginServing, type Entry, giveUp, orderIdFor, serve, standingOf } from './entry.ts';
import { finishing } from './finish.ts';
import type { Lines } from './line.ts';
import type { Looks } from './looks.ts';
import type { Entries } from './store.ts';
import { leftOf } from './turns.ts';

export interface ServingParts {
  readonly entries: Entries;
  readonly lines: Lines;
  readonly end: EndEntry;
  readonly orders: Pick<Aggregates<Order>, 'query'>;
  readonly barredOf: BarredOf;
  readonly ordering: Pick<Ordering, 'ofKinds'>;
  readonly freeUnits: FreeUnits;
  readonly looks: Looks;
  readonly shows: AwaitedCopies<Show>;
  readonly everyMs: number;
  readonly now: () => Date;
  readonly logger: Logger;
}

export interface Serving extends Repeating {
  /** Serves those who wait for tickets of a show at once, if anybody is known to wait for them. */
  freed(showId: string): void;
  /** Takes note of somebody who waits. */
  joined(entry: Entry): void;
}

/** While nobody waits for anything, only one of so many rounds looks whether somebody does. */
const idleRounds = 5;
/** How many entries of one line are ended in a round, so that one long line does not keep the others waiting. */
const endedAtOnce = 200;
/** How many entries of one line are tried in a round, for the same reason. The rest has its turn in the next one. */
const triedAtOnce = 50;
/** How long after tickets came free those who wait are served, with what else has come free by then. */
const leastPauseMs = 50;
/** Refusals that trying again would not change: whoever meets one would only keep others from being served. */
const overFor: ReadonlyMap<string, OverReason> = new Map([
  ['limit-reached', 'limit-reached'],
  ['price-not-payable', 'sale-over'],
  ['not-found', 'sale-over'],
  ['own-ticket', 'sale-over'],
]);

/** The ids of entries that were tried in vain. */
type Passed = ReadonlySet<string>;
/** By the ids of the kinds. */
type Unfinished = ReadonlyMap<string, Passed>;

/**
 * Makes orders for those who are next in line, as tickets come free. Any number of processes may do it at once, and any
 * of them may die: an entry's order always has the same id, so each finds what another has made.
 */
export function serving(parts: ServingParts): Serving {
  const { entries, lines, end, orders, barredOf, ordering, freeUnits, looks, shows, everyMs, now, logger } = parts;
  /** The shows that somebody waits for, as of the last round. */
  let awaited: ReadonlyMap<string, readonly Entry[]> = new Map();
  const joinedSince = new Map<string, Set<string>>();
  /** The shows of which this process has given tickets back since the last round. */
  const freed = new Set<string>();
  let lastRoundAt = Number.NEGATIVE_INFINITY;
  /** Whether somebody at the show in work may be served in the next round although nothing changes until then. */
  let isUnsettled = false;
  let idle = 0;
  /** Lines of which the last round has not tried all, and those of this round. */
  let [unfinished, more]: [Unfinished, Map<string, Passed>] = [new Map(), new Map()];
  /** Entries whose orders are barred, as of the last round. */
  let barred: ReadonlySet<string> = new Set();
  const finish = finishing({ entries, orders, barredOf, guarded });

  async function round(signal: AbortSignal): Promise<void> {
    [unfinished, more] = [more, new Map()];
    if (awaited.size + joinedSince.size === 0 && idle++ % idleRounds > 0) return;
    joinedSince.clear();
    const firsts = new Map<string, Entry[]>();
    for await (const entry of lines.each()) {
      if (signal.aborted) return;
      firsts.set(entry.showId, [...(firsts.get(entry.showId) ?? []), entry]);
    }
    awaited = firsts;
    looks.keep(firsts);
    if (firsts.size === 0) return;
    idle = 0;
    barred = await finish();
    for (const [showId, ofShow] of firsts) {
      if (signal.aborted) return;
      const line = ofShow.map(({ id }) => id).join(' ');
      if (!(await looks.isDue(showId, line))) continue;
      const at = now();
      isUnsettled = false;
      const kindIds = ofShow.map(({ kindId }) => kindId);
      const show = await guarded({ showId }, () => serveShow(showId, kindIds, signal));
      if (show && !isUnsettled && !signal.aborted) looks.note({ show, at, line });
    }
    if (more.size > 0) repeating.wake();
  }

  /** Serves only the shows that tickets of have come free, unless it is time for a whole round. */
  async function roundOrFreed(signal: AbortSignal): Promise<void> {
    if (freed.size === 0 || performance.now() - lastRoundAt >= everyMs) {
      lastRoundAt = performance.now();
      freed.clear();
      return round(signal);
    }
    // Many often come free at the same time.
    await sleep(Math.min(leastPauseMs, everyMs), undefined, { signal });
    const showIds = [...freed];
    freed.clear();
    for (const showId of showIds) {
      if (signal.aborted) return;
      const known = (awaited.get(showId) ?? []).map(({ kindId }) => kindId);
      const kindIds = [...new Set([...known, ...(joinedSince.get(showId) ?? [])])];
      await guarded({ showId }, () => serveShow(showId, kindIds, signal));
    }
    if (more.size > 0) repeating.wake();
  }

  /** One show or entry that cannot be served does not stop the others. */
  async function guarded<Result>(about: object, task: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await task();
    } catch (error) {
      if (isStoreAway(error)) throw error;
      isUnsettled = true;
      logger.error({ err: error, ...about }, 'could not serve somebody in a waiting list');
      return undefined;
    }
  }

  async function serveShow(showId: string, kindIds: readonly string[], signal: AbortSignal): Promise<Show | null> {
    const show = await shows.find(showId);
    if (!show) return null;
    const standing = Map.groupBy(kindIds, (kindId) => standingOf(show, kindId, now()));
    for (const [what, theirs] of standing) {
      if (what === 'serve' || what === 'later') continue;
      // There may be more of them than are ended at once.
      isUnsettled = true;
      for (const kindId of theirs) await endLine(kindId, what);
    }
    const open = standing.get('serve') ?? [];
    if (open.length === 0) return show;
    const left = await freeUnits.left(show);
    for (const kindId of open) {
      const passed = await serveKind(show, kindId, leftOf(left, kindId), signal);
      if (passed) more.set(kindId, passed);
      if (passed) isUnsettled = true;
    }
    return show;
  }

  async function endLine(kindId: string, reason: OverReason): Promise<void> {
    for (const entry of await lines.first(kindId, endedAtOnce)) await isOver(entry, reason);
  }

  const isOver = (entry: Entry, reason: OverReason) =>
    guarded({ entryId: entry.id }, () => end(entry, (it) => giveUp(it, reason)));

  /**
   * First come, first served; whoever wants more than there is keeps their place.
   *
   * @returns those who were tried in vain, if there may be more to try; they are passed over next time
   */
  async function serveKind(show: Show, kindId: string, left: number, signal: AbortSignal): Promise<Passed | undefined> {
    const passed = new Set([...barred, ...(unfinished.get(kindId) ?? [])]);
    let tried = 0;
    for (let rest = left; rest > 0 && !signal.aborted; ) {
      if (tried++ === triedAtOnce) return passed;
      const entry = await lines.next(kindId, rest, passed);
      if (!entry) return undefined;
      // Whatever comes of it, it is not tried again in this round.
      passed.add(entry.id);
      const most = rest;
      rest = (await guarded({ entryId: entry.id }, () => serveOne(entry, show, most))) ?? most;
      // It no longer waits, so it need not be passed over.
      if (rest === most - entry.quantity) passed.delete(entry.id);
    }
    return undefined;
  }

  /** Resolves with how many are left for the next in line; 0 if nobody can be served now. */
  async function serveOne(entry: Entry, show: Show, left: number): Promise<number> {
    const { id, userId, kindId, quantity } = entry;
    const begun = await entries.change(id, beginServing);
    if (begun.state !== 'waiting') return left;
    try {
      const asked = { id: orderIdFor(entry), userId, by: entry.by ?? userId, isInTurn: true };
      await ordering.ofKinds(asked, show, new Map([[kindId, quantity]]));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'sold-out') return Math.min(leftOf(error.extensions?.left ?? [], kindId), quantity - 1);
      const reason = overFor.get(error.code);
      if (!reason) {
        isUnsettled = true;
        return 0;
      }
      await isOver(begun, reason);
      return left;
    }
    await entries.change(id, (it) => serve(it, orderIdFor(entry)));
    return left - quantity;
  }

  const repeating = repeat({ name: 'serving of waiting lists', everyMs, logger, atOnce: true }, roundOrFreed);
  return {
    ...repeating,
    freed(showId) {
      if (!awaited.has(showId) && !joinedSince.has(showId)) return;
      freed.add(showId);
      repeating.wake();
    },
    joined({ showId, kindId }) {
      joinedSince.set(showId, (joinedSince.get(showId) ?? new Set()).add(kindId));
    },
  };
}
