import { OrderCompleted, OrderPartlyRefunded, OrderRefunded } from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import type { Order } from './order.ts';

/**
 * How much of the money was refunded so far, as payments has announced it `at` that time; less than before if a bank
 * has taken a refund back. It reopens nothing: the order keeps its status. The money must have been captured first, so
 * an order that has not received that event yet is completed here too.
 */
export function recordRefund(order: Order, payment: Payment, at: string): Change<Order> {
  // Announcements of one payment may arrive in any order.
  if (payment.version <= (order.paymentVersion ?? -1)) return unchanged(order);
  const isWhole = payment.status === 'refunded';
  const refunded = isWhole ? order.price : (payment.refunded ?? 0);
  const isKnown = isWhole ? order.refundedAt !== null : refunded === order.refunded && order.refundedAt === null;
  if (isKnown) return unchanged(order);
  const isTakenBack = refunded < refundedBefore(order);
  const next = {
    ...order,
    refunded,
    refundedAt: isWhole ? at : null,
    refundFailedAt: isTakenBack ? at : null,
    paymentVersion: payment.version,
  };
  const event = isWhole ? OrderRefunded : OrderPartlyRefunded;
  if (order.status === 'complete' || order.status === 'cancelled') return changed(next, event);
  return changed({ ...next, status: 'complete' }, OrderCompleted, event);
}

/** Orders of earlier releases have only the time. */
const refundedBefore = ({ refundedAt, refunded, price }: Order): number => (refundedAt ? price : refunded);
