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
  /** None in what was stored before orders told who sells. */
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
  /** None in what was stored before orders told where and when. */
  venue: z.string().nullable().default(null),
  startsAt: Instant.nullable().default(null),
  timeZone: z.string().nullable().default(null),
});
export type Order = z.infer<typeof Order>;

export interface Reservation {
  readonly id: string;
  readonly userId: string;
  readonly ticket: Ticket | null;
  /** The latest order for that ticket, whoever made it. */
  readonly last: Order | null;
  readonly now: Date;
  readonly windowMs: number;
}

/** Reserves a ticket at the price the buyer was shown, if nobody holds it. Of two who decide so at once, the unique index lets one through. */
export function reserve({ id, userId, ticket, last, now, windowMs }: Reservation): Change<Order> {
  if (!ticket || ticket.state === 'withdrawn') throw notFound('There is no such ticket on sale.');
  if (ticket.userId === userId) throw problem('own-ticket', 'This is your own ticket.');
  mustBePayable(ticket);
  mustBeToCome(ticket, now);
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

/** Whoever reserves shortly before the start has less time to pay: nothing is sold once it has begun. */
function deadline({ startsAt }: Ticket, now: Date, windowMs: number): string {
  const endOfWindow = new Date(now.getTime() + windowMs).toISOString();
  return startsAt !== null && Date.parse(startsAt) < Date.parse(endOfWindow) ? startsAt : endOfWindow;
}

function mustBeToCome(ticket: Ticket, now: Date): void {
  if (hasBegun(ticket, now)) throw problem('show-over', 'It has begun already, so its tickets are no longer sold.');
}

/** Without this the buyer would hold a ticket, and learn from Stripe that it cannot be paid. */
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

/** The time is up, for an order that nobody began to pay. */
export function expire(order: Order, now: Date): Change<Order> {
  if (order.status !== 'created' || now.getTime() < Date.parse(order.expiresAt)) return unchanged(order);
  return cancel(order, 'expired');
}

/** The seller took the ticket off the shop at the same moment. An order that is being paid wins. */
export function withdrawn(order: Order): Change<Order> {
  return order.status === 'created' ? cancel(order, 'withdrawn') : unchanged(order);
}

/** The money is reserved on the card: from here on the ticket is the buyer's unless the capture fails. */
export function authorized(order: Order): Change<Order> {
  if (order.status !== 'created') return unchanged(order);
  return changed({ ...order, status: 'awaiting:payment' }, OrderAwaitingPayment);
}

export function captured(order: Order): Change<Order> {
  if (order.status === 'cancelled' || order.status === 'complete') return unchanged(order);
  return changed({ ...order, status: 'complete' }, OrderCompleted);
}

/** The money was given back, which reopens nothing. It was taken before, so an order that has not heard of that is complete, too: that news may come late. */
export function refunded(order: Order, refundedAt: string): Change<Order> {
  if (order.refundedAt) return unchanged(order);
  const told = { ...order, refundedAt };
  if (order.status === 'complete' || order.status === 'cancelled') return changed(told, OrderRefunded);
  return changed({ ...told, status: 'complete' }, OrderCompleted, OrderRefunded);
}

/**
 * Stripe refused to capture, or the reservation on the card was let go: the payment is over, and an order has only one.
 * An order that has not heard of the authorization ends too, or that news, coming late, would have it wait for ever.
 */
export function paymentOver(order: Order): Change<Order> {
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

const news = {
  created: OrderCreated,
  'awaiting:payment': OrderAwaitingPayment,
  complete: OrderCompleted,
  cancelled: OrderCancelled,
} as const;

export const current = (order: Order): readonly EventContract[] => [news[order.status]];

function cancel(order: Order, reason: CancelReason): Change<Order> {
  if (order.status === 'cancelled') return unchanged(order);
  return changed({ ...order, status: 'cancelled', reason }, OrderCancelled);
}
