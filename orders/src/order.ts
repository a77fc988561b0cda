import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { priceFault } from '@box-office/common/contracts/money';
import {
  CancelReason,
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderRefunded,
  type Order as OrderSnapshot,
  OrderStatus,
} from '@box-office/common/contracts/orders';
import { Currency, Id, Instant, Price, Version } from '@box-office/common/contracts/primitives';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { notFound, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';

export const Order = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  /** Null in orders stored before the field existed. */
  sellerId: z.string().nullable().default(null),
  status: OrderStatus,
  reason: CancelReason.nullable(),
  refundedAt: Instant.nullable().default(null),
  expiresAt: Instant,
  // Flat, because the unique index {ticketId, attempt} is what keeps a ticket from being sold twice.
  ticketId: Id,
  attempt: z.int().positive(),
  title: z.string(),
  price: Price,
  currency: Currency,
  /** This and the next two are null in orders stored before the fields existed. */
  venue: z.string().nullable().default(null),
  startsAt: Instant.nullable().default(null),
  timeZone: z.string().nullable().default(null),
});
export type Order = z.infer<typeof Order>;

export interface Reservation {
  readonly id: string;
  readonly userId: string;
  readonly ticket: Ticket | null;
  /** The latest order for the ticket, by any buyer. */
  readonly last: Order | null;
  readonly now: Date;
  readonly windowMs: number;
}

/**
 * Reserves a ticket that nobody holds, at the price the buyer was shown. Of two concurrent reservations the unique
 * index lets one through.
 */
export function reserve({ id, userId, ticket, last, now, windowMs }: Reservation): Change<Order> {
  if (!ticket || ticket.state === 'withdrawn') throw notFound('There is no such ticket on sale.');
  if (ticket.userId === userId) throw problem('own-ticket', 'This is your own ticket.');
  mustBePayable(ticket);
  mustNotHaveBegun(ticket, now);
  if (last && last.status !== 'cancelled') throw ticketReserved();
  const order: Order = {
    id,
    version: 0,
    userId,
    sellerId: ticket.userId,
    status: 'created',
    reason: null,
    refundedAt: null,
    expiresAt: deadline(ticket, now, windowMs),
    ticketId: ticket.id,
    attempt: (last?.attempt ?? 0) + 1,
    title: ticket.title,
    price: ticket.price,
    currency: ticket.currency,
    venue: ticket.venue,
    startsAt: ticket.startsAt,
    timeZone: ticket.timeZone ?? null,
  };
  return changed(order, OrderCreated);
}

/** A buyer who reserves shortly before the start has less time to pay: nothing is sold once the event has begun. */
function deadline({ startsAt }: Ticket, now: Date, windowMs: number): string {
  const endOfWindow = new Date(now.getTime() + windowMs).toISOString();
  return startsAt !== null && Date.parse(startsAt) < Date.parse(endOfWindow) ? startsAt : endOfWindow;
}

function mustNotHaveBegun(ticket: Ticket, now: Date): void {
  if (hasBegun(ticket, now)) throw problem('show-over', 'It has already begun, so its tickets are no longer sold.');
}

/** Without this check the buyer would hold a ticket and only then learn from Stripe that it cannot be paid. */
function mustBePayable({ price, currency }: Ticket): void {
  const fault = priceFault(price, currency);
  if (fault)
    throw problem('price-not-payable', `The price ${fault}. Until its seller changes it, nobody can buy this ticket.`);
}

export const ticketReserved = () => problem('ticket-reserved', 'Somebody else holds this ticket.');

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
 * The money was refunded, which reopens nothing. It must have been captured first, so an order that has not received
 * that event yet is completed here too.
 */
export function recordRefund(order: Order, refundedAt: string): Change<Order> {
  if (order.refundedAt) return unchanged(order);
  const next = { ...order, refundedAt };
  if (order.status === 'complete' || order.status === 'cancelled') return changed(next, OrderRefunded);
  return changed({ ...next, status: 'complete' }, OrderCompleted, OrderRefunded);
}

/**
 * The capture was refused or the authorization was released. An order has only one payment, so it ends with it.
 * This also ends an order that has not received the authorization yet: that event, arriving late, would leave it
 * waiting for ever.
 */
export function cancelUnpaid(order: Order): Change<Order> {
  return order.status === 'complete' ? unchanged(order) : cancel(order, 'payment-failed');
}

export function snapshot(order: Order): OrderSnapshot {
  const { id, version, userId, sellerId, status, reason, refundedAt, expiresAt, ticketId, attempt } = order;
  const { title, price, currency, venue, startsAt, timeZone } = order;
  return {
    id,
    version,
    userId,
    ...(sellerId ? { sellerId } : {}),
    status,
    ...(reason ? { reason } : {}),
    ...(refundedAt ? { refundedAt } : {}),
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
