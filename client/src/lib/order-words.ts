import {
  type CancelReason,
  type Order,
  type OrderStatus,
  ticketsOf,
  totalOf,
} from '@box-office/common/contracts/orders';
import type { TicketState } from '@box-office/common/contracts/tickets';

const statusWords: Record<Exclude<OrderStatus, 'complete'>, string> = {
  created: 'Reserved for you',
  'awaiting:payment': 'Payment is being taken',
  cancelled: 'Cancelled',
};

const reasonWords: Record<CancelReason, string> = {
  buyer: 'You cancelled this order.',
  expired: 'The time to pay ran out, so the reservation ended.',
  'payment-failed': 'The payment was refused.',
  withdrawn: 'The seller withdrew the ticket before it was paid.',
};

const stateWords: Record<TicketState, string> = {
  'on-sale': 'On sale',
  reserved: 'Reserved',
  sold: 'Sold',
  withdrawn: 'Withdrawn',
};

export function statusInWords(order: Order): string {
  const { status, refundedAt, refunded = 0, refundFailedAt, dispute } = order;
  if (status !== 'complete') return statusWords[status];
  if (refundedAt) return 'Refunded';
  if (dispute?.status === 'open') return 'Disputed';
  if (dispute?.status === 'lost') return 'Charged back';
  if (refundFailedAt) return 'Refund failed';
  if (refunded > 0) return 'Refunded in part';
  const whose = ticketsOf(order).length === 1 ? 'the ticket is yours' : 'the tickets are yours';
  return `${totalOf(order) === 0 ? 'Done' : 'Paid'}: ${whose}`;
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
