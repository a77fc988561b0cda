import type { Show } from '@box-office/common/contracts/shows';
import type { OverReason } from '@box-office/common/contracts/waiting';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { Problem } from '@box-office/common/problem';
import { type Repeating, repeat } from '@box-office/common/repeat';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isStoreAway } from '@box-office/common/store/mongo';
import type { Logger } from 'pino';
import type { FreeUnits } from '../free-units.ts';
import type { Order } from '../order.ts';
import type { Ordering } from '../ordering.ts';
import type { BarredOf, EndEntry } from './ending.ts';
import { beginServing, type Entry, giveUp, leave, orderIdFor, serve, standingOf } from './entry.ts';
import type { Lines } from './line.ts';
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
  readonly shows: AwaitedCopies<Show>;
  readonly everyMs: number;
  readonly now: () => Date;
  readonly logger: Logger;
}

export interface Serving extends Repeating {
  /** Serves those who wait for tickets of a show at once, if anybody is known to wait for them. */
  freed(showId: string): void;
  /** Takes note of somebody who waits for tickets of a show. */
  joined(showId: string): void;
}

/** While nobody waits for anything, only one of so many rounds looks whether somebody does. */
const idleRounds = 5;
/** How many entries of one line are ended in a round, so that one long line does not keep the others waiting. */
const endedAtOnce = 200;
const readAtOnce = 200;
/** How many entries of one line are tried in a round, for the same reason. The rest has its turn in the next one. */
const triedAtOnce = 50;
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
  const { entries, lines, end, orders, barredOf, ordering, freeUnits, shows, everyMs, now, logger } = parts;
  /** The shows that somebody waits for, as of the last round. */
  let awaited: ReadonlySet<string> = new Set();
  const joinedSince = new Set<string>();
  let idle = 0;
  /** Lines of which the last round has not tried all, and those of this round. */
  let [unfinished, more]: [Unfinished, Map<string, Passed>] = [new Map(), new Map()];
  /** Entries that nobody can be served for, as of the last round: their orders were barred. */
  let barred: ReadonlySet<string> = new Set();

  async function round(signal: AbortSignal): Promise<void> {
    [unfinished, more] = [more, new Map()];
    if (awaited.size + joinedSince.size === 0 && idle++ % idleRounds > 0) return;
    joinedSince.clear();
    const kinds = new Map<string, string[]>();
    for await (const { showId, kindId } of lines.each()) {
      if (signal.aborted) return;
      kinds.set(showId, [...(kinds.get(showId) ?? []), kindId]);
    }
    awaited = new Set(kinds.keys());
    if (kinds.size === 0) return;
    idle = 0;
    barred = await finish();
    for (const [showId, kindIds] of kinds) {
      if (signal.aborted) return;
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
      logger.error({ err: error, ...about }, 'could not serve somebody in a waiting list');
      return undefined;
    }
  }

  /**
   * Ends entries that a process which died, or lost the database, could not end: their order was made, or barred.
   *
   * @returns those whose order is barred
   */
  async function finish(): Promise<ReadonlySet<string>> {
    const stuck = new Set<string>();
    let some: Entry[] = [];
    const settle = async () => {
      const ids = some.map(orderIdFor);
      const made = await orders.query({ _id: { $in: ids } });
      const served = new Set(made.map(({ id }) => id));
      const ending = await barredOf(ids);
      for (const entry of some) {
        const orderId = orderIdFor(entry);
        if (served.has(orderId)) await isServed(entry);
        else if (!ending.has(orderId)) continue;
        // Whoever barred it may be about to say why, so that one gets until the next round.
        else if (barred.has(entry.id)) await hasLeft(entry);
        else stuck.add(entry.id);
      }
      some = [];
    };
    for await (const entry of entries.each({ trying: true })) {
      if (some.push(entry) === readAtOnce) await settle();
    }
    if (some.length > 0) await settle();
    return stuck;
  }

  const isServed = (entry: Entry) =>
    guarded({ entryId: entry.id }, () => entries.change(entry.id, (it) => serve(it, orderIdFor(entry))));

  const hasLeft = (entry: Entry) => guarded({ entryId: entry.id }, () => entries.change(entry.id, leave));

  async function serveShow(showId: string, kindIds: readonly string[], signal: AbortSignal): Promise<void> {
    const show = await shows.find(showId);
    if (!show) return;
    const standing = Map.groupBy(kindIds, (kindId) => standingOf(show, kindId, now()));
    for (const [what, theirs] of standing) {
      if (what === 'serve' || what === 'later') continue;
      for (const kindId of theirs) await endLine(kindId, what);
    }
    const open = standing.get('serve') ?? [];
    if (open.length === 0) return;
    const left = await freeUnits.left(show);
    for (const kindId of open) {
      const passed = await serveKind(show, kindId, leftOf(left, kindId), signal);
      if (passed) more.set(kindId, passed);
    }
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
      const asked = { id: orderIdFor(entry), userId, isInTurn: true };
      await ordering.ofKinds(asked, show, new Map([[kindId, quantity]]));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'sold-out') return Math.min(leftOf(error.extensions?.left ?? [], kindId), quantity - 1);
      const reason = overFor.get(error.code);
      if (!reason) return 0;
      await isOver(begun, reason);
      return left;
    }
    await entries.change(id, (it) => serve(it, orderIdFor(entry)));
    return left - quantity;
  }

  const repeating = repeat({ name: 'serving of waiting lists', everyMs, logger, atOnce: true }, round);
  return {
    ...repeating,
    freed(showId) {
      if (awaited.has(showId) || joinedSince.has(showId)) repeating.wake();
    },
    joined(showId) {
      joinedSince.add(showId);
    },
  };
}
