import { type Order, type OrderedTicket, owedFor, ticketsOf } from '@box-office/common/contracts/orders';

/** The tickets that are still the buyer's; also while a bank decides a dispute. */
export function heldTickets(order: Order): readonly OrderedTicket[] {
  if (order.status !== 'complete' || order.refundedAt || order.dispute?.status === 'lost') return [];
  return ticketsOf(order).filter(({ ended, refundedAt }) => !ended && !refundedAt);
}

/**
 * What becomes of the money for tickets that have ended: it is coming back, an earlier refund of it failed, it was
 * refunded before, or the buyer's bank returns it.
 */
export type MoneyBack = 'coming' | 'failed' | 'refunded' | 'charged-back';

/** Null if nothing is owed for any of the tickets, because they were free. */
export function moneyBackFor(order: Order, ticketIds: readonly string[]): MoneyBack | null {
  const paid = ticketsOf(order).filter((ticket) => ticketIds.includes(ticket.id) && owedFor(ticket) > 0);
  if (paid.length === 0) return null;
  const owed = paid.filter(({ refundedAt }) => !order.refundedAt && !refundedAt);
  if (owed.length === 0) return 'refunded';
  if (order.dispute?.status === 'lost') return 'charged-back';
  // Payments does not repeat a refund that was refused or taken back.
  return order.refundFailedAt || owed.every(({ refundFailedAt }) => refundFailedAt) ? 'failed' : 'coming';
}
