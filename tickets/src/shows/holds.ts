import { isOnOffer, type Order, type OrderedTicket, owedFor, ticketsOf } from '@box-office/common/contracts/orders';
import type { mongo } from 'mongoose';
import { refundsIn, type UnitRefund } from './refunds.ts';
import type { StoredUnit, UnitState } from './unit.ts';

type Update = mongo.AnyBulkWriteOperation<StoredUnit>;

const stateOf = { created: 'live', 'awaiting:payment': 'live', complete: 'sold', cancelled: 'free' } as const;

const offered: UnitState = 'offered';
const sold: UnitState[] = ['sold', offered];
const endOfResale = { $unset: { resale: '' as const } };

/** More than an order has versions. */
const versionsPerAttempt = 2 ** 20;

/** Puts all that can be heard of a ticket in order: by attempt, and by the version of the order that makes it. */
const rankOf = (attempt: number, version: number): number => attempt * versionsPerAttempt + version;

/** What an order's event changes in the tickets of a show. */
export interface Following {
  /**
   * One of these matches for each ticket, unless something later was heard of it, or the same, or it was taken off
   * sale.
   */
  readonly usual: readonly Update[];
  /** For those that were taken off sale while orders sold them: orders decide, so they are marked to be put back. */
  readonly removed: readonly Update[];
  /** For those that were resold: others have them, and some of what this order paid may be left. */
  readonly resold: readonly Update[];
}

/** `at` is when it happened. */
export function following(order: Order, at: string): Following {
  const refunds = refundsIn(order, at);
  const all = ticketsOf(order).map((ticket) => followTicket(order, ticket, refunds.get(ticket.id), at));
  const [usual, removed] = [all.flatMap((it) => it.usual), all.flatMap((it) => it.removed)];
  return { usual, removed, resold: all.flatMap((it) => it.resold) };
}

function followTicket(
  order: Order,
  ticket: OrderedTicket,
  { refundedAt, partRefund }: UnitRefund = { refundedAt: null, partRefund: null },
  at: string,
): Following {
  const { id: _id, attempt, price } = ticket;
  const { id: orderId, version } = order;
  const state: UnitState = order.status === 'complete' && isOnOffer(ticket) ? 'offered' : stateOf[order.status];
  const isSold = state === 'sold' || state === 'offered';
  const heard = rankOf(attempt, version);
  // A hold is the first thing that can be heard of an attempt, so it changes nothing if anything was.
  const older = { _id, heard: { $lt: state === 'live' ? rankOf(attempt, 0) : heard } };
  const hold = { orderId, attempt, version, price, at, refundedAt, ...(partRefund && { partRefund }) };
  /** It stays sold since when it was. */
  const again = {
    $set: {
      ...{ state, heard, 'hold.attempt': attempt, 'hold.version': version },
      ...{ 'hold.refundedAt': refundedAt, 'hold.partRefund': partRefund },
    },
  };
  const soldBefore = { _id, state: { $in: sold }, 'hold.orderId': orderId, heard: { $lt: heard } };
  const held = {
    filter: { ...older, state: { $ne: 'removed' as const } },
    update: { $set: { state, heard, hold }, ...(attempt > 1 && endOfResale) },
  };
  const removed = {
    filter: { ...older, state: 'removed' as const },
    update: { $set: state === 'free' ? { heard } : { state, heard, hold, clash: true as const } },
  };
  const stillSold = isSold ? [{ updateOne: { filter: soldBefore, update: again } }] : [];
  return {
    // A buyer who gives up meanwhile makes it sold again while these run, so that is looked at once more.
    usual: [...stillSold, ...(attempt > 1 ? [...resold(), ...stillSold] : []), { updateOne: held }],
    removed: [{ updateOne: removed }],
    // Nothing can be left of a free one, and it can be resold any number of times, which would grow without end.
    resold: ticket.ended === 'resold' && price > 0 ? [{ updateOne: moneyLeft() }] : [],
  };

  function moneyLeft() {
    const isWhole = order.refundedAt !== undefined;
    const back = isWhole ? price : refundedAt === null ? (partRefund?.amount ?? 0) : owedFor(ticket);
    const sale = { version, money: price - back, at };
    return {
      filter: { _id, [`earlier.${orderId}.version`]: { $not: { $gte: version } } },
      update: { $set: { [`earlier.${orderId}`]: sale } },
    };
  }

  /** What an order changes in a ticket that its holder offers: only a sale ends the sale before. */
  function resold(): Update[] {
    const beingBought = { state: 'live' as const, 'resale.attempt': { $gt: 0 } };
    if (isSold) {
      const filter = { _id, ...beingBought, 'hold.orderId': orderId, heard: { $lt: heard } };
      return [{ updateOne: { filter, update: { ...again, ...endOfResale } } }];
    }
    const update =
      state === 'live' ? { $set: { state, heard, resale: hold } } : { $set: { state: offered, heard }, ...endOfResale };
    return [
      { updateOne: { filter: { ...older, state: { $in: sold } }, update } },
      { updateOne: { filter: { ...older, ...beingBought }, update } },
    ];
  }
}
