import { OrderTicketsEnded, type TicketEnd } from '@box-office/common/contracts/orders';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { cancelBySeller, type Order, type StoredTicket } from './order.ts';
import { singleTicket } from './reserve.ts';

/**
 * These tickets of a complete order are the buyer's no longer, and payments refunds what they cost. The order stays
 * complete, and a ticket that has ended before keeps its reason.
 */
export function endTickets(order: Order, ids: readonly string[], why: TicketEnd): Change<Order> {
  const isEnding = ({ id, ended }: StoredTicket) => ended === null && ids.includes(id);
  const before = allTicketsOf(order);
  if (order.status !== 'complete' || !before.some(isEnding)) return unchanged(order);
  const tickets = before.map((ticket) => (isEnding(ticket) ? { ...ticket, ended: why, offeredAt: null } : ticket));
  return changed({ ...order, tickets }, OrderTicketsEnded);
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
