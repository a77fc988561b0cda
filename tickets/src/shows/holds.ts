import { type Order, type OrderedTicket, ticketsOf } from '@box-office/common/contracts/orders';
import type { mongo } from 'mongoose';
import { refundsIn, type UnitRefund } from './refunds.ts';
import type { StoredUnit, UnitState } from './unit.ts';

type Update = mongo.AnyBulkWriteOperation<StoredUnit>;

const stateOf = { created: 'live', 'awaiting:payment': 'live', complete: 'sold', cancelled: 'free' } as const;

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
}

/** `at` is when it happened. */
export function following(order: Order, at: string): Following {
  const refunds = refundsIn(order, at);
  const all = ticketsOf(order).map((ticket) => followTicket(order, ticket, refunds.get(ticket.id), at));
  return { usual: all.flatMap(({ usual }) => usual), removed: all.flatMap(({ removed }) => removed) };
}

function followTicket(
  order: Order,
  { id: _id, attempt, price }: OrderedTicket,
  { refundedAt, partRefund }: UnitRefund = { refundedAt: null, partRefund: null },
  at: string,
): Following {
  const { id: orderId, version } = order;
  const state: UnitState = stateOf[order.status];
  const heard = rankOf(attempt, version);
  // A hold is the first thing that can be heard of an attempt, so it changes nothing if anything was.
  const older = { _id, heard: { $lt: state === 'live' ? rankOf(attempt, 0) : heard } };
  const hold = { orderId, attempt, version, price, at, refundedAt, ...(partRefund && { partRefund }) };
  const refunded = {
    filter: { _id, state: 'sold' as const, 'hold.orderId': orderId, heard: { $lt: heard } },
    update: {
      $set: { heard, 'hold.version': version, 'hold.refundedAt': refundedAt, 'hold.partRefund': partRefund },
    },
  };
  const held = { filter: { ...older, state: { $ne: 'removed' as const } }, update: { $set: { state, heard, hold } } };
  const removed = {
    filter: { ...older, state: 'removed' as const },
    update: { $set: state === 'free' ? { heard } : { state, heard, hold, clash: true as const } },
  };
  return {
    usual: [...(state === 'sold' ? [{ updateOne: refunded }] : []), { updateOne: held }],
    removed: [{ updateOne: removed }],
  };
}
