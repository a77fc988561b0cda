import { hasBegun } from '@box-office/common/contracts/begun';
import { priceFault } from '@box-office/common/contracts/money';
import { OrderCreated } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { notFound, problem } from '@box-office/common/problem';
import { type Change, changed } from '@box-office/common/store/change';
import type { Order } from './order.ts';

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
  const attempt = (last?.attempt ?? 0) + 1;
  const order: Order = {
    id,
    version: 0,
    userId,
    sellerId: ticket.userId,
    status: 'created',
    reason: null,
    refundedAt: null,
    refunded: 0,
    paymentVersion: null,
    expiresAt: deadline(ticket, now, windowMs),
    ticketId: ticket.id,
    attempt,
    title: ticket.title,
    price: ticket.price,
    currency: ticket.currency,
    venue: ticket.venue,
    startsAt: ticket.startsAt,
    timeZone: ticket.timeZone ?? null,
    tickets: [{ id: ticket.id, attempt, price: ticket.price, kindId: null, kind: null, number: null, seat: null }],
    showId: null,
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
