import type { EventContract } from '@box-office/common/contracts/event';
import {
  Amount,
  CancelReason,
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  type OrderedTicket,
  type Order as OrderSnapshot,
  OrderStatus,
  TicketEnd,
} from '@box-office/common/contracts/orders';
import { Dispute } from '@box-office/common/contracts/payments';
import { Currency, Id, Instant, Version } from '@box-office/common/contracts/primitives';
import { problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';
import { Places } from './places.ts';

/** One ticket of a stored order. The fields from `kindId` on are null unless it is for a show. */
export const StoredTicket = z.object({
  id: Id,
  attempt: z.int().positive(),
  price: Amount,
  kindId: Id.nullable(),
  kind: z.string().nullable(),
  /** The number of the ticket among those of its kind, from 1. */
  number: z.int().positive().nullable(),
  seat: z.string().nullable(),
  /** Earlier attempts that were this order's as well: see `resale.ts`. This and the next five were added later. */
  earlier: z.array(z.int().positive()).default([]),
  /** Since when the buyer offers it to others. */
  offeredAt: Instant.nullable().default(null),
  /** Why it is the buyer's no longer: see `endTickets`. */
  ended: TicketEnd.nullable().default(null),
  /** What the buyer is owed for it then, if less than the price. */
  owed: Amount.nullable().default(null),
  refundedAt: Instant.nullable().default(null),
  /** When its refund was refused or taken back, unless another followed. */
  refundFailedAt: Instant.nullable().default(null),
});
export type StoredTicket = z.infer<typeof StoredTicket>;

export const Order = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  /** Null in orders stored before the field existed. */
  sellerId: z.string().nullable().default(null),
  status: OrderStatus,
  reason: CancelReason.nullable(),
  /** When everything was refunded. */
  refundedAt: Instant.nullable().default(null),
  /** How much was refunded so far. */
  refunded: Amount.default(0),
  /** When that last changed, unless everything was refunded. */
  partlyRefundedAt: Instant.nullable().default(null),
  /** When a refund was last taken back, unless another followed. */
  refundFailedAt: Instant.nullable().default(null),
  /** Since when a refund waits for balance at Stripe. */
  awaitsBalanceSince: Instant.nullable().default(null),
  dispute: Dispute.nullable().default(null),
  /** The version of the payment that said so: the fence against late announcements. */
  paymentVersion: Version.nullable().default(null),
  expiresAt: Instant,
  // The first ticket. Flat, because the unique index {ticketId, attempt} also covers orders of earlier releases.
  ticketId: Id,
  attempt: z.int().positive(),
  title: z.string(),
  /** Of all tickets together. */
  price: Amount,
  currency: Currency,
  /** This and the next two are null in orders stored before the fields existed. */
  venue: z.string().nullable().default(null),
  startsAt: Instant.nullable().default(null),
  timeZone: z.string().nullable().default(null),
  /** Null in orders stored before an order could have several. */
  tickets: z.array(StoredTicket).min(1).nullable().default(null),
  showId: Id.nullable().default(null),
  places: Places.nullable().default(null),
  /** Whether those who had its tickets before know how it ended: see `resale.ts`. */
  settled: z.boolean().default(false),
  /** Of the request that made it; null if there was none. */
  traceparent: z.string().nullable().default(null),
});
export type Order = z.infer<typeof Order>;

/** What a ticket of a new order has. */
export const freshTicket = {
  ...{ earlier: [], offeredAt: null },
  ...{ ended: null, owed: null },
  ...{ refundedAt: null, refundFailedAt: null },
};

/** What every new order has. */
const fresh = {
  version: 0,
  reason: null,
  refundedAt: null,
  refunded: 0,
  partlyRefundedAt: null,
  refundFailedAt: null,
  awaitsBalanceSince: null,
  dispute: null,
  paymentVersion: null,
  settled: false,
  traceparent: null,
};

/** A new order. One that costs nothing is complete at once: there is no payment to wait for. */
export function begin(order: Omit<Order, keyof typeof fresh | 'status'>): Change<Order> {
  const facts = { ...order, ...fresh };
  return order.price === 0
    ? changed({ ...facts, status: 'complete' }, OrderCompleted)
    : changed({ ...facts, status: 'created' }, OrderCreated);
}

/** The buyer changes their mind, which they can until the money is authorized. */
export function cancelByBuyer(order: Order): Change<Order> {
  if (order.status === 'awaiting:payment') {
    throw problem('order-paying', 'The payment is under way, so the order can no longer be cancelled.');
  }
  if (order.status === 'complete') throw problem('order-complete', 'The order is complete.');
  return cancel(order, 'buyer');
}

/** Ends an order whose time is up and for which no money has been authorized. */
export function expire(order: Order, now: Date): Change<Order> {
  if (order.status !== 'created' || now.getTime() < Date.parse(order.expiresAt)) return unchanged(order);
  return cancel(order, 'expired');
}

/** The seller withdrew the ticket at the same moment. An order that is being paid wins. */
export function cancelBySeller(order: Order): Change<Order> {
  return order.status === 'created' ? cancel(order, 'withdrawn') : unchanged(order);
}

/** The money is reserved on the card: from now on the ticket is the buyer's unless the capture fails. */
export function holdForPayment(order: Order): Change<Order> {
  if (order.status !== 'created') return unchanged(order);
  return changed({ ...order, status: 'awaiting:payment' }, OrderAwaitingPayment);
}

export function completeOrder(order: Order): Change<Order> {
  if (order.status === 'cancelled' || order.status === 'complete') return unchanged(order);
  return changed({ ...order, status: 'complete' }, OrderCompleted);
}

/**
 * The capture was refused or the authorization was released. An order has only one payment, so it ends with it.
 * This also ends an order that has not received the authorization yet: that event, arriving late, would leave it
 * waiting for ever.
 */
export function cancelUnpaid(order: Order): Change<Order> {
  return order.status === 'complete' ? unchanged(order) : cancel(order, 'payment-failed');
}

/**
 * Whether an order keeps a ticket from the next one. If it is complete and offers the ticket, another may claim the
 * next attempt; so it stays when that was done and the ticket is somebody else's.
 */
export function keeps(status: string, { offeredAt, ended }: Pick<StoredTicket, 'offeredAt' | 'ended'>): boolean {
  if (status === 'cancelled' || ended === 'resold') return false;
  return status !== 'complete' || offeredAt === null;
}

/** Whether others may claim the next attempt at a ticket because its holder offers it. */
export const isOffered = (status: string, { offeredAt, ended }: Pick<StoredTicket, 'offeredAt' | 'ended'>): boolean =>
  status === 'complete' && offeredAt !== null && ended === null;

export function snapshot(order: Order): OrderSnapshot {
  const { id, version, userId, sellerId, status, reason, refundedAt, expiresAt, ticketId, attempt } = order;
  const { title, price, currency, venue, startsAt, timeZone, tickets, showId, traceparent } = order;
  const { refunded, partlyRefundedAt, refundFailedAt, awaitsBalanceSince, dispute } = order;
  return {
    id,
    version,
    userId,
    ...(sellerId ? { sellerId } : {}),
    status,
    ...(reason ? { reason } : {}),
    ...(refundedAt ? { refundedAt } : {}),
    ...(refunded > 0 ? { refunded } : {}),
    ...(partlyRefundedAt ? { partlyRefundedAt } : {}),
    ...(refundFailedAt ? { refundFailedAt } : {}),
    ...(awaitsBalanceSince ? { awaitsBalanceSince } : {}),
    ...(dispute ? { dispute } : {}),
    expiresAt,
    ticket: {
      id: ticketId,
      title,
      price,
      currency,
      ...(venue ? { venue } : {}),
      ...(startsAt ? { startsAt } : {}),
      ...(timeZone ? { timeZone } : {}),
    },
    attempt,
    ...(showId ? { showId } : {}),
    // What was announced without them is not announced with them later: the copies of others would differ.
    ...(tickets ? { tickets: tickets.map(publicTicket), total: price, currency } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
}

function publicTicket(ticket: StoredTicket): OrderedTicket {
  const { id, attempt, price, kindId, kind, seat, offeredAt, ended, owed, refundedAt, refundFailedAt } = ticket;
  return {
    id,
    attempt,
    price,
    ...(kindId ? { kindId } : {}),
    ...(kind ? { kind } : {}),
    ...(seat ? { seat } : {}),
    ...(offeredAt ? { offeredAt } : {}),
    ...(ended ? { ended } : {}),
    ...(owed === null ? {} : { owed }),
    ...(refundedAt ? { refundedAt } : {}),
    ...(refundFailedAt ? { refundFailedAt } : {}),
  };
}

const eventByStatus = {
  created: OrderCreated,
  'awaiting:payment': OrderAwaitingPayment,
  complete: OrderCompleted,
  cancelled: OrderCancelled,
} as const;

export const current = (order: Order): readonly EventContract[] => [eventByStatus[order.status]];

function cancel(order: Order, reason: CancelReason): Change<Order> {
  if (order.status === 'cancelled') return unchanged(order);
  return changed({ ...order, status: 'cancelled', reason }, OrderCancelled);
}
