import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import type { Order } from '@box-office/common/contracts/orders';
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

/** What was paid, or is to be paid, for one order. Its id is the order's: an order has one payment, and the id says so to the database. */
export const Payment = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  status: PaymentStatus,
  amount: Price,
  currency: Currency,
  stripeId: z.string().nullable(),
  /** Stripe has said no to taking the money; what is left is to let the reservation go. */
  captureRefused: z.boolean(),
  /** The seller wants the buyer to have the money back. Stored before Stripe is asked, so that nobody forgets it. */
  refundWanted: z.boolean().default(false),
  /** Since when it has been in its status, or a refund wanted: one that has something left to be done for too long is looked after. */
  since: Instant,
});
export type Payment = z.infer<typeof Payment>;

/** A PaymentIntent as far as we look at it. */
export interface IntentView {
  readonly status: string;
  /** All that was taken was given back. */
  readonly refunded: boolean;
}

/** Whether an order can be paid, for who asks. An order that is being paid can be looked at again. */
export function mustBePayable(order: Order | null, userId: string, now: Date): Order {
  if (!order || order.userId !== userId) throw notFound('There is no such order.');
  const expired = order.status === 'created' && now.getTime() >= Date.parse(order.expiresAt);
  if (expired || order.status === 'cancelled' || order.status === 'complete') throw orderClosed();
  // Orders from before deadlines looked at the start may outlast it.
  if (order.status === 'created' && hasBegun(order.ticket, now)) {
    throw problem('show-over', 'It has begun already, so its tickets are no longer sold.');
  }
  return order;
}

/** An order has one payment: once that is over, so is the order, whether we have heard of it yet or not. */
export function mustBeOpen(payment: Payment): void {
  if (isOpen(payment)) return;
  // It failed before Stripe made an intent: asking again must not sound as if time had run out.
  throw payment.status === 'failed' && !payment.stripeId ? amountRefused() : orderClosed();
}

export const amountRefused = () =>
  problem('amount-refused', 'Stripe takes no payment of this amount, so the order cannot be paid.');

const orderClosed = () => problem('order-closed', 'The order is closed, so it cannot be paid.');

export function begin(order: Order, now: Date): Change<Payment> {
  return changed({
    id: order.id,
    version: 0,
    userId: order.userId,
    status: 'pending',
    amount: order.ticket.price,
    currency: order.ticket.currency,
    stripeId: null,
    captureRefused: false,
    refundWanted: false,
    since: now.toISOString(),
  });
}

/** The first intent that is stored is the payment's for good: it may be in the buyer's hands already. */
export function withIntent(payment: Payment, stripeId: string): Change<Payment> {
  return payment.stripeId ? unchanged(payment) : changed({ ...payment, stripeId });
}

export function refuseCapture(payment: Payment): Change<Payment> {
  return payment.captureRefused ? unchanged(payment) : changed({ ...payment, captureRefused: true });
}

/** Stripe will never make an intent for it, such as for an amount below its minimum: it ends before it began. */
export function refuseIntent(payment: Payment, now: Date): Change<Payment> {
  if (payment.stripeId || !isOpen(payment)) return unchanged(payment);
  return changed({ ...payment, status: 'failed', since: now.toISOString() }, PaymentFailed);
}

/** Nothing more can come of it at Stripe: let go or given back, and both for good. */
export const isOver = ({ status, captureRefused }: Payment): boolean =>
  status === 'voided' || status === 'refunded' || (status === 'failed' && captureRefused);

/** Whether somebody may give the money of an order back: its seller, who is known for every order made since orders tell who sells. */
export function mustBeSeller(order: Order | null, userId: string): Order {
  if (!order) throw notFound('There is no such order.');
  if (order.sellerId !== userId) throw problem('not-your-sale', 'Only who sold the ticket can refund it.');
  return order;
}

/** A wish that is fulfilled already, by us or by hand in Stripe's dashboard, is none. */
export function wantRefund(payment: Payment, now: Date): Change<Payment> {
  if (payment.status === 'refunded' || payment.refundWanted) return unchanged(payment);
  if (payment.status !== 'captured') throw notCaptured();
  return changed({ ...payment, refundWanted: true, since: now.toISOString() });
}

/** Stripe said no to giving the money back, such as while the buyer disputes the charge. The seller is told, and may ask again. */
export function dropRefund(payment: Payment): Change<Payment> {
  return payment.refundWanted ? changed({ ...payment, refundWanted: false }) : unchanged(payment);
}

export const notCaptured = () => problem('payment-not-captured', 'No money was taken for this order.');

/** Whether it can still come to anything at Stripe. */
export const isOpen = ({ status }: Payment): boolean => status === 'pending' || status === 'authorized';

/**
 * Follows what Stripe says of the intent now. Goes forward only, so it does not matter which webhook came first, twice or never.
 * A card that was declined changes nothing: the buyer may try another until the deadline.
 */
export function observe(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  const open = isOpen(payment);
  const to = (status: PaymentStatus) => ({ ...payment, status, since: now.toISOString() });
  switch (intent.status) {
    case 'requires_capture':
      return payment.status === 'pending' ? changed(to('authorized'), PaymentAuthorized) : unchanged(payment);
    case 'succeeded':
      // Taken and given back since we last looked: the order has to hear of both, or it would wait for its money for ever.
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

/** Statuses of an intent whose money is not, or no longer, reserved. */
const unreserved = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/**
 * What has to be done at Stripe, given what has become of the order. `payment` must have been read before the intent was:
 * only then does an intent without a reservation tell that an authorized payment has lost its own. `order` must have been read after it:
 * only then has a reservation come in time for an order that is not cancelled.
 */
export function nextStep(
  payment: Payment,
  order: Order | null,
  intent: IntentView,
): 'capture' | 'refuse' | 'void' | 'refund' | 'none' {
  const cancelled = order?.status === 'cancelled';
  // While the bank makes up its mind Stripe lets nobody cancel; it tells us when that is over.
  if (intent.status === 'canceled' || intent.status === 'processing') return 'none';
  if (intent.status === 'succeeded') return (cancelled || payment.refundWanted) && !intent.refunded ? 'refund' : 'none';
  if (cancelled || payment.captureRefused) return 'void';
  // A refused capture that we never got to know of, or a bank that took its word back: the order would wait for ever.
  if (payment.status === 'authorized' && unreserved.includes(intent.status)) return 'refuse';
  // Only an order that can no longer be lost may cost money.
  return order?.status === 'awaiting:payment' && intent.status === 'requires_capture' ? 'capture' : 'none';
}

export function snapshot(payment: Payment): PaymentSnapshot {
  const { id, version, userId, status, amount, currency, stripeId } = payment;
  return { id, version, orderId: id, userId, status, amount, currency, stripeId };
}

const news = {
  pending: [],
  authorized: [PaymentAuthorized],
  captured: [PaymentCaptured],
  failed: [PaymentFailed],
  voided: [PaymentVoided],
  // An order that never heard of the capture would wait for its money for ever.
  refunded: [PaymentCaptured, PaymentRefunded],
} as const;

export const current = (payment: Payment): readonly EventContract[] => news[payment.status];
