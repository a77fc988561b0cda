import type { WaitingEntry } from '@box-office/common/contracts/waiting';
import { derivedId } from '@box-office/common/derived-id';
import type { EntryFacts } from '../announced-facts.ts';
import type { Evidence } from '../evidence.ts';
import { orderHistories } from '../order-histories.ts';
import { type Verdict, verdict } from './verdict.ts';

/** Two processes that are not disturbed may be this far apart between looking and writing. */
const calmGrainMs = 2_000;
/** A process may also be stopped between the two: longer than any pause lasts. */
const grainMs = 20_000;

/** Who waits for tickets of a kind is served in turn, once, and before anybody who does not wait. */
export function waitingLine(evidence: Evidence): Verdict {
  const { entries, calm } = evidence;
  return verdict('I18', 'nobody overtook the waiting list, and nobody was served twice or forgotten', (violated) => {
    for (const it of [...unserved(evidence), ...wronglyServed(evidence)]) violated(it);
    const grain = calm ? calmGrainMs : grainMs;
    const waits = waitsOf(evidence);
    for (const [kindId, some] of Map.groupBy(waits, ({ entry }) => entry.kindId)) {
      for (const it of overtaken(some, takings(evidence, kindId), grain)) violated(it);
    }
    return entries.length;
  });
}

/** From when to when somebody waited; Infinity if they still do. */
interface Wait {
  readonly id: string;
  readonly entry: EntryFacts;
  readonly fromMs: number;
  readonly untilMs: number;
}

function waitsOf({ announcements }: Evidence): Wait[] {
  const byEntry = Map.groupBy(
    announcements.flatMap((it) => (it.entry ? [{ ...it, entry: it.entry }] : [])),
    ({ id }) => id,
  );
  return [...byEntry].flatMap(([id, some]) => {
    const joined = some.find(({ entry }) => entry.state === 'waiting');
    const ended = some.find(({ entry }) => entry.state !== 'waiting');
    if (!joined) return [];
    const entry = { ...joined.entry, ...ended?.entry };
    return [{ id, entry, fromMs: joined.timeMs, untilMs: ended?.timeMs ?? Number.POSITIVE_INFINITY }];
  });
}

/** That an order took tickets of a kind. */
interface Taking {
  readonly orderId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly atMs: number;
}

function takings({ announcements }: Evidence, kindId: string): Taking[] {
  return [...orderHistories(announcements)].flatMap(([orderId, [first]]) => {
    const quantity = first?.order.tickets.filter((it) => it.kindId === kindId).length ?? 0;
    return first && quantity > 0 ? [{ orderId, userId: first.order.userId, quantity, atMs: first.fromMs }] : [];
  });
}

/**
 * Orders with as many tickets as somebody else waited for, who was there before: before the order was made, or, if it
 * was made for somebody who waited, before that one joined.
 */
function overtaken(waits: readonly Wait[], all: readonly Taking[], grain: number): string[] {
  const waitFor = new Map(waits.flatMap((wait) => (wait.entry.orderId ? [[wait.entry.orderId, wait]] : [])));
  return all.flatMap(({ orderId, userId, quantity, atMs }) => {
    const sinceMs = waitFor.get(orderId)?.fromMs ?? atMs;
    const before = waits.find(
      ({ entry, fromMs, untilMs }) =>
        entry.userId !== userId &&
        entry.quantity <= quantity &&
        fromMs < sinceMs - grain &&
        untilMs > atMs + grain &&
        entry.orderId !== orderId,
    );
    if (!before) return [];
    return `order ${orderId} took ${quantity} of kind ${before.entry.kindId}, and entry ${before.id} had waited for ${before.entry.quantity}`;
  });
}

/** The id of the order that is made for somebody who waits. */
export const orderFor = ({ id }: Pick<WaitingEntry, 'id'>): string => derivedId(id, 'order', 0);

/** Entries that were served with something else than they waited for, or with what another one got. */
function wronglyServed({ entries, orders }: Evidence): string[] {
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  const served = entries.flatMap((entry) => (entry.orderId === undefined ? [] : [{ entry, orderId: entry.orderId }]));
  const faults = [...Map.groupBy(served, ({ orderId }) => orderId)].flatMap(([orderId, some]) =>
    new Set(some.map(({ entry }) => entry.kindId)).size < some.length
      ? [`order ${orderId} was made for entries ${some.map(({ entry }) => entry.id)}`]
      : [],
  );
  for (const { entry, orderId } of served) {
    const order = orderOf.get(orderId);
    const got = order?.tickets?.filter(({ kindId }) => kindId === entry.kindId).length ?? 0;
    if (order?.userId !== entry.userId || got < entry.quantity) {
      faults.push(`entry ${entry.id} for ${entry.quantity} was served with order ${orderId}, which has ${got}`);
    }
  }
  for (const entry of entries.filter(({ state }) => state === 'left' || state === 'over')) {
    if (orderOf.has(orderFor(entry))) faults.push(`entry ${entry.id} is ${entry.state}, and an order was made for it`);
  }
  return faults;
}

/** Who still waits although there is enough for them: free ones, and those that others offer. */
export function unserved({
  entries,
  shows,
  units,
  orders,
}: Pick<Evidence, 'entries' | 'shows' | 'units' | 'orders'>): string[] {
  const onSale = new Set(shows.filter(({ state }) => state === 'on-sale').map(({ id }) => id));
  const holders = new Map(orders.map(({ id, userId }) => [id, userId]));
  const byKind = Map.groupBy(
    units.filter(({ state }) => state === 'free' || state === 'offered'),
    ({ kindId }) => kindId,
  );
  return entries.flatMap(({ id, state, showId, kindId, quantity, userId }) => {
    if (state !== 'waiting' || !onSale.has(showId)) return [];
    const theirs = (byKind.get(kindId) ?? []).filter(
      (unit) => unit.state === 'free' || holders.get(unit.hold?.orderId ?? '') !== userId,
    );
    if (theirs.length < quantity) return [];
    return [`entry ${id} waits for ${quantity} of kind ${kindId}, and ${theirs.length} can be bought`];
  });
}
