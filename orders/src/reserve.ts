import { hasBegun } from '@box-office/common/contracts/begun';
import { priceFault } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { notFound, problem } from '@box-office/common/problem';
import type { Change } from '@box-office/common/store/change';
import { begin, freshTicket, keeps, type Order, type StoredTicket } from './order.ts';
import type { Places } from './places.ts';

export interface Reservation {
  readonly id: string;
  readonly userId: string;
  readonly ticket: Ticket | null;
  /** The latest order for the ticket, by any buyer. */
  readonly last: Order | null;
  readonly places: Places;
  readonly now: Date;
  readonly windowMs: number;
}

/**
 * Reserves a ticket that nobody holds, or that its holder offers, at the price the buyer was shown. Of two concurrent
 * reservations the unique index lets one through.
 */
export function reserve({ id, userId, ticket, last, places, now, windowMs }: Reservation): Change<Order> {
  if (!ticket || ticket.state === 'withdrawn') throw notFound('There is no such ticket on sale.');
  if (ticket.userId === userId) throw problem('own-ticket', 'This is your own ticket.');
  mustBePayable(ticket);
  mustNotHaveBegun(ticket, now);
  if (last && isKept(last)) throw ticketReserved();
  if (last && last.status === 'complete' && last.userId === userId) {
    throw problem('own-ticket', 'This is your own ticket, which you offer to others.');
  }
  const attempt = (last?.attempt ?? 0) + 1;
  return begin({
    id,
    userId,
    sellerId: ticket.userId,
    expiresAt: deadline(ticket.startsAt === null ? [] : [ticket.startsAt], now, windowMs),
    ticketId: ticket.id,
    attempt,
    title: ticket.title,
    price: ticket.price,
    currency: ticket.currency,
    venue: ticket.venue,
    startsAt: ticket.startsAt,
    timeZone: ticket.timeZone ?? null,
    tickets: [singleTicket({ id: ticket.id, attempt, price: ticket.price })],
    showId: null,
    places,
  });
}

/** The latest order for a single ticket. One of an earlier release has no list of tickets. */
const isKept = ({ status, tickets }: Order): boolean =>
  (tickets ?? [freshTicket]).some((ticket) => keeps(status, ticket));

/** A ticket that is for no show. */
export const singleTicket = (ticket: Pick<StoredTicket, 'id' | 'attempt' | 'price'>): StoredTicket => ({
  ...ticket,
  ...{ kindId: null, kind: null, number: null, seat: null },
  ...freshTicket,
});

/**
 * A buyer who reserves shortly before the start or the end of the sale has less time to pay: nothing is sold after
 * that.
 */
export function deadline(ends: readonly string[], now: Date, windowMs: number): string {
  const all = [now.getTime() + windowMs, ...ends.map((end) => Date.parse(end))];
  return new Date(Math.min(...all)).toISOString();
}

function mustNotHaveBegun(ticket: Ticket, now: Date): void {
  if (hasBegun(ticket, now)) throw showOver();
}

export const showOver = () => problem('show-over', 'It has already begun, so its tickets are no longer sold.');

/** Without this check the buyer would hold a ticket and only then learn from Stripe that it cannot be paid. */
export function mustBePayable({ price, currency }: { readonly price: number; readonly currency: Currency }): void {
  const fault = priceFault(price, currency);
  if (fault)
    throw problem('price-not-payable', `The price ${fault}. Until its seller changes it, nobody can buy this.`);
}

export const ticketReserved = (detail = 'Somebody else holds this ticket.') => problem('ticket-reserved', detail);
