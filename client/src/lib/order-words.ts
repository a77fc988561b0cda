import type { CancelReason, Order, OrderStatus } from '@box-office/common/contracts/orders';
import type { TicketState } from '@box-office/common/contracts/tickets';

const statusWords: Record<OrderStatus, string> = {
  created: 'Reserved for you',
  'awaiting:payment': 'Payment is being taken',
  complete: 'Paid: the ticket is yours',
  cancelled: 'Cancelled',
};

const reasonWords: Record<CancelReason, string> = {
  buyer: 'You cancelled this order. Nothing was charged.',
  expired: 'The time to pay ran out, so the ticket went back on sale. Nothing was charged.',
  'payment-failed': 'Your bank refused the payment. Nothing was charged.',
  withdrawn: 'The seller withdrew the ticket before it was paid. Nothing was charged.',
};

const stateWords: Record<TicketState, string> = {
  'on-sale': 'On sale',
  reserved: 'Reserved',
  sold: 'Sold',
  withdrawn: 'Withdrawn',
};

export function statusInWords(order: Pick<Order, 'status'>): string {
  return statusWords[order.status];
}

/** Why an order was cancelled, for its buyer. */
export function reasonInWords(order: Pick<Order, 'reason'>): string {
  return order.reason ? reasonWords[order.reason] : 'This order was cancelled. Nothing was charged.';
}

export function stateInWords(state: TicketState): string {
  return stateWords[state];
}

/** Complete and cancelled orders never change again. */
export function isFinal(order: Pick<Order, 'status'>): boolean {
  return order.status === 'complete' || order.status === 'cancelled';
}
