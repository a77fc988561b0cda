import { OrderOffered } from '@box-office/common/contracts/orders';
import { invalidRequest, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { allTicketsOf, endTickets } from '../ended.ts';
import type { Order, StoredTicket } from '../order.ts';
import { ticketReserved } from '../reserve.ts';

// Resale at face value. Who claims the next attempt at a ticket gets it, and an offer only permits others to do so.
// Whoever takes an offer back therefore claims the next attempt as well, and keeps the earlier ones: a process that
// still believes in the offer would claim one of those. So of a buyer and a holder who changes their mind one wins.

/**
 * The last attempt at each ticket, if all since the order's own were cancelled; null if somebody else has the ticket.
 * One that is not listed has had none since.
 */
export type LastAttempts = ReadonlyMap<string, number | null>;

/** How many earlier attempts at a ticket an order may have: all of them stay among its claims. */
const mostEarlier = 100;

export interface Offer {
  /** The tickets that are to be on offer; all others are not any more. */
  readonly ids: readonly string[];
  /** Why the show or ticket is not sold any more, if so: a sentence. */
  readonly over: string | null;
  readonly now: Date;
  readonly last: LastAttempts;
}

/**
 * The buyer of a complete order offers tickets to others, and takes others of its tickets back.
 *
 * @throws Problem 409 `not-resellable`; 409 `ticket-reserved` if somebody is buying one that is to be taken back; 409
 * `limit-reached`; 400 `invalid-request`
 */
export function offer(order: Order, { ids, over, now, last }: Offer): Change<Order> {
  const tickets = allTicketsOf(order);
  if (ids.some((id) => tickets.every((ticket) => ticket.id !== id))) {
    throw invalidRequest([{ field: 'tickets', message: 'must be tickets of this order' }]);
  }
  return withTickets(order, (ticket) => {
    if (!ids.includes(ticket.id)) return ticket.offeredAt === null ? ticket : mustClaimNext(ticket, last);
    if (ticket.offeredAt !== null) return ticket;
    const reason = reasonAgainst(order, ticket) ?? over;
    if (reason !== null) throw problem('not-resellable', reason);
    if (ticket.earlier.length >= mostEarlier) {
      throw problem('limit-reached', `This ticket was offered ${mostEarlier} times without being sold.`);
    }
    return { ...ticket, offeredAt: now.toISOString() };
  });
}

function mustClaimNext(ticket: StoredTicket, last: LastAttempts): StoredTicket {
  if (last.get(ticket.id) === null) throw ticketReserved('Somebody is buying this ticket at this moment.');
  return { ...claimNext(ticket, last), offeredAt: null };
}

/**
 * Somebody was buying tickets that this order offers, and did not: it has them again, and still offers them if it could
 * offer them now.
 */
export const takeAgain = (order: Order, last: LastAttempts): Change<Order> =>
  withTickets(order, (ticket) => {
    const attempt = last.get(ticket.id) ?? 0;
    if (order.status !== 'complete' || ticket.ended === 'resold' || attempt <= ticket.attempt) return ticket;
    const mayStay = reasonAgainst(order, ticket) === null && ticket.earlier.length < mostEarlier;
    return { ...claimNext(ticket, last), offeredAt: mayStay ? ticket.offeredAt : null };
  });

/** Takes back what can no longer be offered, for example because it was refunded; not what somebody else has. */
export const withdrawOffers = (order: Order, last: LastAttempts): Change<Order> =>
  withTickets(order, (ticket) =>
    isUntenable(order, ticket) && last.get(ticket.id) !== null
      ? { ...claimNext(ticket, last), offeredAt: null }
      : ticket,
  );

/** The tickets on offer that can no longer be offered. */
export const untenableOffers = (order: Order): StoredTicket[] =>
  allTicketsOf(order).filter((ticket) => isUntenable(order, ticket));

function isUntenable(order: Order, ticket: StoredTicket): boolean {
  return ticket.offeredAt !== null && reasonAgainst(order, ticket) !== null;
}

/** The tickets that others have held or reserved before this order did. */
export const retried = (order: Order): StoredTicket[] =>
  allTicketsOf(order).filter((ticket) => firstAttempt(ticket) > 1);

/** When an order got a ticket. Later attempts are those by which it got it back. */
export const firstAttempt = ({ earlier: [first], attempt }: StoredTicket): number => first ?? attempt;

/**
 * Another order has bought tickets of this one since. Its buyer gets back no more than the other has paid for them:
 * otherwise, after a cut in the price, people would sell to themselves for the organiser's money.
 */
export function endBought(order: Order, buyer: Order): Change<Order> {
  const paid = new Map(allTicketsOf(buyer).map(({ id, price }) => [id, price]));
  return endTickets(order, boughtBy(buyer, order), 'resold', paid);
}

/** The tickets of an order that another order has bought since. */
export function boughtBy(buyer: Order, order: Order): string[] {
  const bought = new Map(allTicketsOf(buyer).map((ticket) => [ticket.id, firstAttempt(ticket)]));
  return allTicketsOf(order).flatMap(({ id, attempt }) => (attempt < (bought.get(id) ?? 0) ? id : []));
}

/** Whether others have to be told how it ended: see `Resales`. */
export const isUnsettled = (order: Order): boolean => isUntold(order) || untenableOffers(order).length > 0;

/** Whether it has ended, and those who had its tickets before do not know yet. */
export const isUntold = (order: Order): boolean =>
  !order.settled && (order.status === 'complete' || order.status === 'cancelled') && retried(order).length > 0;

/** All who had its tickets before have been told. Nobody else needs to know. */
export const settled = (order: Order): Change<Order> =>
  order.settled ? unchanged(order) : changed({ ...order, settled: true });

/** Why a ticket of an order cannot be offered; null if it can. */
function reasonAgainst({ status, refundedAt, dispute }: Order, ticket: StoredTicket): string | null {
  if (status !== 'complete') return 'The order is not complete.';
  if (ticket.ended === 'resold') return 'The ticket is sold to somebody else.';
  if (ticket.ended === 'show-cancelled') return 'The show is cancelled.';
  if (ticket.refundedAt !== null || refundedAt !== null) return 'The ticket was refunded.';
  if (dispute?.status === 'open') return 'Your bank disputes the payment.';
  return dispute?.status === 'lost' ? 'Your bank has taken the payment back.' : null;
}

function claimNext(ticket: StoredTicket, last: LastAttempts): StoredTicket {
  const attempt = Math.max(last.get(ticket.id) ?? 0, ticket.attempt) + 1;
  return { ...ticket, attempt, earlier: [...ticket.earlier, ticket.attempt] };
}

function withTickets(order: Order, next: (ticket: StoredTicket) => StoredTicket): Change<Order> {
  const before = allTicketsOf(order);
  const tickets = before.map(next);
  if (tickets.every((ticket, index) => ticket === before[index])) return unchanged(order);
  return changed({ ...order, tickets, attempt: tickets[0]?.attempt ?? order.attempt }, OrderOffered);
}
