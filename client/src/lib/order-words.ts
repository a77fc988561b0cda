import type { CancelReason, Order, OrderStatus } from '@box-office/common/contracts/orders';
import type { TicketState } from '@box-office/common/contracts/tickets';

const statusWords: Record<OrderStatus, string> = {
  created: 'Reserved for you',
  'awaiting:payment': 'Payment is being taken',
  complete: 'Paid: the ticket is yours',
  cancelled: 'Cancelled',
};

const reasonWords: Record<CancelReason, string> = {
  buyer: 'You cancelled this order.',
  expired: 'The time to pay ran out, so the ticket went back on sale.',
  'payment-failed': 'The payment was refused.',
  withdrawn: 'The seller withdrew the ticket before it was paid.',
};

const stateWords: Record<TicketState, string> = {
  'on-sale': 'On sale',
  reserved: 'Reserved',
  sold: 'Sold',
  withdrawn: 'Withdrawn',
};

export function statusInWords({
  status,
  refundedAt,
  refunded = 0,
  refundFailedAt,
}: Pick<Order, 'status' | 'refundedAt' | 'refunded' | 'refundFailedAt'>): string {
  if (status === 'complete' && refundedAt) return 'Refunded';
  if (status === 'complete' && refundFailedAt) return 'Refund failed';
  if (status === 'complete' && refunded > 0) return 'Refunded in part';
  return statusWords[status];
}

/** Why an order was cancelled, for its buyer, and what that means for the money. */
export function reasonInWords({ reason, refundedAt }: Pick<Order, 'reason' | 'refundedAt'>): string {
  const why = reason ? reasonWords[reason] : 'This order was cancelled.';
  return `${why} ${refundedAt ? 'Your payment was refunded.' : 'Nothing was charged.'}`;
}

export function stateInWords(state: TicketState): string {
  return stateWords[state];
}

/** Complete and cancelled orders no longer change, except for a refund, which the page need not wait for. */
export function isFinal(order: Pick<Order, 'status'>): boolean {
  return order.status === 'complete' || order.status === 'cancelled';
}
