import { OrderTicketsEnded, type TicketEnd } from '@box-office/common/contracts/orders';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { cancelBySeller, type Order, type StoredTicket } from './order.ts';
import { singleTicket } from './reserve.ts';

/** What others have paid for tickets, by their ids. */
export type Paid = ReadonlyMap<string, number>;

/**
 * These tickets of a complete order are the buyer's no longer, and payments refunds what they cost, or what others have
 * paid for them if that is less. The order stays complete, and a ticket that has ended before keeps its reason.
 */
export function endTickets(order: Order, ids: readonly string[], why: TicketEnd, paid?: Paid): Change<Order> {
  const isEnding = ({ id, ended }: StoredTicket) => ended === null && ids.includes(id);
  const before = allTicketsOf(order);
  if (order.status !== 'complete' || !before.some(isEnding)) return unchanged(order);
  const tickets = before.map((ticket) =>
    isEnding(ticket) ? { ...ticket, ended: why, owed: owedOf(ticket, paid), offeredAt: null } : ticket,
  );
  return changed({ ...order, tickets }, OrderTicketsEnded);
}

/** Null if it is all that the ticket cost. */
function owedOf({ id, price }: StoredTicket, paid: Paid | undefined): number | null {
  const theirs = paid?.get(id) ?? price;
  return theirs < price ? theirs : null;
}

/** Those of an order of an earlier release, too, which is for a single one. */
export const allTicketsOf = ({ tickets, ticketId: id, attempt, price }: Order): StoredTicket[] =>
  tickets ?? [singleTicket({ id, attempt, price })];

/** What a cancelled show does to an order: one that is being paid is left until its payment is decided. */
export function endWithShow(order: Order): Change<Order> {
  if (order.status !== 'complete') return cancelBySeller(order);
  return endTickets(
    order,
    allTicketsOf(order).map(({ id }) => id),
    'show-cancelled',
  );
}
