import { type CancelReason, type Order, ticketsOf } from '@box-office/common/contracts/orders';
import { inWords, stateOfOrder } from './states.ts';
import { showTimeThere } from './when.ts';

const reasonWords: Record<CancelReason, string> = {
  buyer: 'You cancelled this order.',
  expired: 'The time to pay ran out, so the reservation ended.',
  'payment-failed': 'The payment was refused.',
  withdrawn: 'The seller withdrew the ticket before it was paid.',
};

/** Why an order was cancelled, for its buyer, and what that means for the money. */
export function reasonInWords({ reason, refundedAt, showId }: Pick<Order, 'reason' | 'refundedAt' | 'showId'>): string {
  const isShow = reason === 'withdrawn' && showId !== undefined;
  const words = isShow ? 'The organiser cancelled the show before the order was paid.' : reason && reasonWords[reason];
  const why = words ?? 'This order was cancelled.';
  return `${why} ${refundedAt ? 'Your payment was refunded.' : 'Nothing was charged.'}`;
}

/** The state of an order for its buyer, and until when they can pay if they have to. */
export function stateForBuyer(order: Order): string {
  if (order.status !== 'created') return inWords(stateOfOrder(order));
  return `Reserved for you until ${showTimeThere(order.expiresAt, order.ticket.timeZone)}`;
}

/** Complete and cancelled orders no longer change, except for a refund, which the page need not wait for. */
export function isFinal(order: Pick<Order, 'status'>): boolean {
  return order.status === 'complete' || order.status === 'cancelled';
}

/** Whether the order is for one ticket only. */
export const isSingle = (order: Order): boolean => ticketsOf(order).length === 1;
