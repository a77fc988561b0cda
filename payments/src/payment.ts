import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { type Order, totalOf } from '@box-office/common/contracts/orders';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentFailed,
  PaymentRefunded,
  type Payment as PaymentSnapshot,
  PaymentStatus,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { Currency, Id, Instant, Price, Version } from '@box-office/common/contracts/primitives';
import { notFound, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';

/** The payment of one order. Its id is the order's, so the database allows only one payment per order. */
export const Payment = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  status: PaymentStatus,
  amount: Price,
  currency: Currency,
  stripeId: z.string().nullable(),
  /** Stripe has refused the capture; what remains is to void the authorization. */
  captureRefused: z.boolean(),
  /** The seller has requested a refund. Stored before Stripe is called, so that a crash cannot lose it. */
  refundWanted: z.boolean().default(false),
  /**
   * Since when it has had its status or a requested refund. The reconciler picks up payments that stay open too long.
   */
  since: Instant,
});
export type Payment = z.infer<typeof Payment>;

/** The part of a PaymentIntent that decisions depend on. */
export interface IntentView {
  readonly status: string;
  /** The whole amount was refunded. */
  readonly refunded: boolean;
}

/**
 * Checks that this user can pay the order. An order that is already being paid passes, so that the buyer can resume.
 */
export function mustBePayable(order: Order | null, userId: string, now: Date): Order {
  if (!order || order.userId !== userId) throw notFound('There is no such order.');
  const expired = order.status === 'created' && now.getTime() >= Date.parse(order.expiresAt);
  if (expired || order.status === 'cancelled' || order.status === 'complete') throw orderClosed();
  // Older orders may have a deadline after the start of the event.
  if (order.status === 'created' && hasBegun(order.ticket, now)) {
    throw problem('show-over', 'It has already begun, so its tickets are no longer sold.');
  }
  return order;
}

/** An order has one payment: once that is over, so is the order, even if its event has not arrived yet. */
export function mustBeOpen(payment: Payment): void {
  if (isOpen(payment)) return;
  // It failed before Stripe created an intent: a retry must not be answered as if time had run out.
  throw payment.status === 'failed' && !payment.stripeId ? amountRefused() : orderClosed();
}

export const amountRefused = () =>
  problem('amount-refused', 'Stripe does not accept this amount, so the order cannot be paid.');

const orderClosed = () => problem('order-closed', 'The order is closed, so it cannot be paid.');

export function begin(order: Order, now: Date): Change<Payment> {
  return changed({
    id: order.id,
    version: 0,
    userId: order.userId,
    status: 'pending',
    amount: totalOf(order),
    currency: order.ticket.currency,
    stripeId: null,
    captureRefused: false,
    refundWanted: false,
    since: now.toISOString(),
  });
}

/** The first stored intent stays the payment's intent, because the buyer may already be using it. */
export function withIntent(payment: Payment, stripeId: string): Change<Payment> {
  return payment.stripeId ? unchanged(payment) : changed({ ...payment, stripeId });
}

export function refuseCapture(payment: Payment): Change<Payment> {
  return payment.captureRefused ? unchanged(payment) : changed({ ...payment, captureRefused: true });
}

/** Stripe will never create an intent for it, for example because the amount is below its minimum. */
export function refuseIntent(payment: Payment, now: Date): Change<Payment> {
  if (payment.stripeId || !isOpen(payment)) return unchanged(payment);
  return changed({ ...payment, status: 'failed', since: now.toISOString() }, PaymentFailed);
}

/** Final at Stripe: voided or refunded. */
export const isOver = ({ status, captureRefused }: Payment): boolean =>
  status === 'voided' || status === 'refunded' || (status === 'failed' && captureRefused);

/** Only the seller may refund an order. Orders stored before the field existed have no seller. */
export function mustBeSeller(order: Order | null, userId: string): Order {
  if (!order) throw notFound('There is no such order.');
  if (order.sellerId !== userId) throw problem('not-your-sale', 'Only the seller of the ticket can refund it.');
  return order;
}

/** Requests a refund, unless one was already requested or made, by us or in Stripe's dashboard. */
export function wantRefund(payment: Payment, now: Date): Change<Payment> {
  if (payment.status === 'refunded' || payment.refundWanted) return unchanged(payment);
  if (payment.status !== 'captured') throw notCaptured();
  return changed({ ...payment, refundWanted: true, since: now.toISOString() });
}

/** Stripe refused the refund, for example because the buyer disputes the charge. The seller may request it again. */
export function dropRefund(payment: Payment): Change<Payment> {
  return payment.refundWanted ? changed({ ...payment, refundWanted: false }) : unchanged(payment);
}

export const notCaptured = () => problem('payment-not-captured', 'No money was captured for this order.');

/** Whether it can still be authorized or captured. */
export const isOpen = ({ status }: Payment): boolean => status === 'pending' || status === 'authorized';

/**
 * Takes over the current state of the intent. Moves forward only, so it does not matter which webhook came first, twice
 * or never. A declined card changes nothing: the buyer may try another until the deadline.
 */
export function observe(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  const open = isOpen(payment);
  const to = (status: PaymentStatus) => ({ ...payment, status, since: now.toISOString() });
  switch (intent.status) {
    case 'requires_capture':
      return payment.status === 'pending' ? changed(to('authorized'), PaymentAuthorized) : unchanged(payment);
    case 'succeeded':
      // Captured and refunded since the last look: without both events the order would wait for its payment for ever.
      if (open && intent.refunded) return changed(to('refunded'), PaymentCaptured, PaymentRefunded);
      if (open) return changed(to('captured'), PaymentCaptured);
      if (payment.status === 'captured' && intent.refunded) return changed(to('refunded'), PaymentRefunded);
      return unchanged(payment);
    case 'canceled':
      if (!open) return unchanged(payment);
      return payment.captureRefused ? changed(to('failed'), PaymentFailed) : changed(to('voided'), PaymentVoided);
    default:
      return unchanged(payment);
  }
}

/** Statuses of an intent whose money is not, or no longer, authorized. */
const unreserved = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/**
 * What to do at Stripe, given the state of the order. `payment` must have been read before the intent: only then does
 * an intent without an authorization mean that an authorized payment has lost it. `order` must have been read after the
 * intent: only then does an order that is not cancelled mean that the authorization came in time.
 */
export function nextStep(
  payment: Payment,
  order: Order | null,
  intent: IntentView,
): 'capture' | 'refuse' | 'void' | 'refund' | 'none' {
  const cancelled = order?.status === 'cancelled';
  // Stripe does not allow cancelling while the bank is processing; a webhook follows when that is over.
  if (intent.status === 'canceled' || intent.status === 'processing') return 'none';
  if (intent.status === 'succeeded') return (cancelled || payment.refundWanted) && !intent.refunded ? 'refund' : 'none';
  if (cancelled || payment.captureRefused) return 'void';
  // An unnoticed refusal of the capture, or an authorization that lapsed: without this the order would wait for ever.
  if (payment.status === 'authorized' && unreserved.includes(intent.status)) return 'refuse';
  // Money is captured only once the buyer can no longer lose the ticket.
  return order?.status === 'awaiting:payment' && intent.status === 'requires_capture' ? 'capture' : 'none';
}

export function snapshot(payment: Payment): PaymentSnapshot {
  const { id, version, userId, status, amount, currency, stripeId } = payment;
  return { id, version, orderId: id, userId, status, amount, currency, stripeId };
}

const eventsByStatus = {
  pending: [],
  authorized: [PaymentAuthorized],
  captured: [PaymentCaptured],
  failed: [PaymentFailed],
  voided: [PaymentVoided],
  // Without the capture event, an order that missed it would wait for its payment for ever.
  refunded: [PaymentCaptured, PaymentRefunded],
} as const;

export const current = (payment: Payment): readonly EventContract[] => eventsByStatus[payment.status];
