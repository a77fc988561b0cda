import { isDeepStrictEqual } from 'node:util';
import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { type Order, totalOf } from '@box-office/common/contracts/orders';
import {
  Dispute,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDisputed,
  PaymentFailed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentRefundPostponed,
  type Payment as PaymentSnapshot,
  PaymentStatus,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { Currency, Id, Instant, Price, Version } from '@box-office/common/contracts/primitives';
import { notFound, problem } from '@box-office/common/problem';
import { isTheirs, type SignedInUser } from '@box-office/common/signed-in-user';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';
import { owe } from './owed.ts';
import {
  type PartAtStripe,
  PartRefund,
  partsAt,
  pendingParts,
  RefusedTicket,
  refundFailedTickets,
  ticketFacts,
} from './part-refund.ts';
import { isPostponed, Postponement, withoutWaiting } from './postponed.ts';

/** The payment of one order. Its id is the order's, so the database allows only one payment per order. */
export const Payment = z
  .object({
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
    /** Refunds of a part that are to be made. Stored before Stripe is called, too. */
    partRefunds: z.array(PartRefund).default([]),
    /** Tickets whose refund Stripe has refused. */
    refusedTickets: z.array(RefusedTicket).default([]),
    /** How much of it was refunded so far, whoever did it; all of it if the status says so. */
    refunded: z.int().nonnegative().default(0),
    /** How many times a refund that had been made was taken back, usually by the buyer's bank. */
    failedRefunds: z.int().nonnegative().default(0),
    /** Of a payment that was refunded wholly, something was taken back that was for no ticket in particular. */
    wholeFailed: z.boolean().default(false),
    /** Refunds that wait for balance at Stripe. */
    postponed: Postponement.nullable().default(null),
    /** How often that was the reason why all that is left could not be refunded. */
    wholePostponed: z.int().nonnegative().default(0),
    dispute: Dispute.nullable().default(null),
    /**
     * Since when it has had its status, or a refund that was requested or has failed. The reconciler picks up payments
     * that stay open too long, and the balance compares each some time after that.
     */
    since: Instant,
    /** That of its order. */
    traceparent: z.string().nullable().default(null),
  })
  // Earlier releases store only the status.
  .overwrite((it) => (it.status === 'refunded' ? { ...it, refunded: it.amount } : it));
export type Payment = z.infer<typeof Payment>;

/** The part of a PaymentIntent that decisions depend on. */
export interface IntentView {
  readonly status: string;
  /** How much of the captured money was refunded. */
  readonly refunded: number;
  readonly dispute: Dispute | null;
  /** Missing if Stripe was not asked about them. */
  readonly parts?: readonly PartAtStripe[] | undefined;
}

/**
 * Checks that this user can pay the order. An order that is already being paid passes, so that the buyer can resume.
 */
export function mustBePayable(order: Order | null, user: SignedInUser, now: Date): Order {
  if (!order || !isTheirs(user, order.userId)) throw notFound('There is no such order.');
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
    partRefunds: [],
    refusedTickets: [],
    refunded: 0,
    failedRefunds: 0,
    wholeFailed: false,
    postponed: null,
    wholePostponed: 0,
    dispute: null,
    since: now.toISOString(),
    traceparent: order.traceparent ?? null,
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

/** Final at Stripe: no money was captured, and none will be. */
export const isOver = ({ status, captureRefused }: Payment): boolean =>
  status === 'voided' || (status === 'failed' && captureRefused);

/** Whether money was captured, be it refunded or not. */
export const isCaptured = ({ status }: Payment): boolean => status === 'captured' || status === 'refunded';

/** Whether it can still be authorized or captured. */
export const isOpen = ({ status }: Payment): boolean => status === 'pending' || status === 'authorized';

/**
 * Takes over the current state of the intent. Moves forward only until the money is captured, so it does not matter
 * which webhook came first, twice or never. After that, refunds go up and down, so nothing may have been stored since
 * before the look. A declined card changes nothing: the buyer may try another until the deadline.
 */
export function observe(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  const open = isOpen(payment);
  const to = (status: PaymentStatus): Payment => ({ ...payment, status, since: now.toISOString() });
  switch (intent.status) {
    case 'requires_capture':
      return payment.status === 'pending' ? changed(to('authorized'), PaymentAuthorized) : unchanged(payment);
    case 'succeeded':
      return open || isCaptured(payment) ? observeMoney(payment, intent, now) : unchanged(payment);
    case 'canceled':
      if (!open) return unchanged(payment);
      return payment.captureRefused ? changed(to('failed'), PaymentFailed) : changed(to('voided'), PaymentVoided);
    default:
      return unchanged(payment);
  }
}

function observeMoney(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  const { next, announce, changed: isChanged } = observeRefunds(payment, intent, now);
  const { dispute } = intent;
  if (isDeepStrictEqual(dispute, payment.dispute)) return { next, announce, changed: isChanged };
  // The money is with the seller again, so what Stripe has refused meanwhile can be refunded.
  const isBack = dispute === null || dispute.status === 'won';
  const refusedTickets = next.refusedTickets.map((it) => (isBack ? { ...it, final: false } : it));
  return { next: { ...next, dispute, refusedTickets }, announce: [...announce, PaymentDisputed], changed: true };
}

/** Refunds add up, and may be taken back: a bank can refuse one days after it was made. */
function observeRefunds(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  // Captured and refunded since the last look: without both events the order would wait for its payment for ever.
  const captured = isOpen(payment) ? [PaymentCaptured] : [];
  const refunded = Math.min(intent.refunded, payment.amount);
  const partRefunds = partsAt(payment.partRefunds, intent.parts);
  const isSame = refunded === payment.refunded && isDeepStrictEqual(partRefunds, payment.partRefunds);
  if (captured.length === 0 && isSame) return unchanged(payment);
  const status = refunded === payment.amount ? 'refunded' : 'captured';
  const since = status === payment.status ? payment.since : now.toISOString();
  const next: Payment = settledWaiting({ ...payment, status, refunded, partRefunds, since });
  if (refunded < payment.refunded || failuresIn(next) > failuresIn(payment)) {
    // Whoever wanted everything refunded has to say so again.
    const refundWanted = payment.status === 'captured' && payment.refundWanted;
    const wholeFailed = payment.wholeFailed || (payment.status === 'refunded' && lostBeyondParts(payment, next) > 0);
    const failedRefunds = payment.failedRefunds + 1;
    const failed = { refundWanted, failedRefunds, wholeFailed, since: now.toISOString() };
    return changed({ ...next, ...failed }, PaymentRefundFailed);
  }
  if (refunded === payment.refunded && isDeepStrictEqual(factsOfTickets(next), factsOfTickets(payment))) {
    return changed(next, ...captured);
  }
  return changed(next, ...captured, status === 'refunded' ? PaymentRefunded : PaymentPartlyRefunded);
}

/** A payment that is refunded wholly waits for nothing. */
const settledWaiting = (payment: Payment): Payment =>
  payment.status === 'refunded' ? { ...payment, postponed: null } : withoutWaiting(payment);

/** How much less is refunded, apart from the parts that were taken back. */
const lostBeyondParts = (before: Payment, after: Payment): number =>
  before.refunded - after.refunded - (failedSum(after) - failedSum(before));

const failedSum = ({ partRefunds }: Payment): number =>
  partRefunds.reduce((sum, { amount, failed }) => sum + (failed ? amount : 0), 0);

const failuresIn = ({ partRefunds }: Payment): number => partRefunds.filter(({ failed }) => failed).length;

/** Statuses of an intent whose money is not, or no longer, authorized. */
const unreserved = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** What can be done at Stripe. */
export type Step = 'capture' | 'refuse' | 'void' | 'refund' | 'refundParts';
type Next = Step | 'none';

/**
 * What to do at Stripe, given the state of the order. `payment` must have been read before the intent: only then does
 * an intent without an authorization mean that an authorized payment has lost it. `order` must have been read after the
 * intent: only then does an order that is not cancelled mean that the authorization came in time. `refused` if Stripe
 * has just refused a refund: it would refuse that of a cancelled order again.
 */
export function nextStep(payment: Payment, order: Order | null, intent: IntentView, now: Date, refused = false): Next {
  const cancelled = order?.status === 'cancelled';
  // Stripe does not allow cancelling while the bank is processing; a webhook follows when that is over.
  if (intent.status === 'canceled' || intent.status === 'processing') return 'none';
  if (intent.status === 'succeeded') return nextRefund(payment, order, intent, now, refused);
  if (cancelled || payment.captureRefused) return 'void';
  // An unnoticed refusal of the capture, or an authorization that lapsed: without this the order would wait for ever.
  if (payment.status === 'authorized' && unreserved.includes(intent.status)) return 'refuse';
  // Money is captured only once the buyer can no longer lose the ticket.
  return order?.status === 'awaiting:payment' && intent.status === 'requires_capture' ? 'capture' : 'none';
}

function nextRefund(payment: Payment, order: Order | null, seen: IntentView, now: Date, refused: boolean): Next {
  const { refunded, parts } = seen;
  // A refund that was taken back is recorded first, before any other is made.
  if (refunded >= payment.amount || payment.status === 'refunded') return 'none';
  if (isPostponed(payment, now)) return 'none';
  // A bank that has refused the refund would refuse it again: people have to find another way. While it disputes the
  // payment, Stripe refuses, and would repeat that to the same request for a day.
  const isUnsold = order?.status === 'cancelled' && seen.dispute?.status !== 'open';
  if (isUnsold && payment.failedRefunds === 0 && !refused) return 'refund';
  // Before the rest: otherwise nothing would be left for them.
  if (pendingParts(payment, parts).length > 0 || owe(payment, order).changed) return 'refundParts';
  return payment.refundWanted ? 'refund' : 'none';
}

export function snapshot(payment: Payment): PaymentSnapshot {
  const { id, version, userId, status, amount, currency, stripeId, refunded, dispute } = payment;
  const facts = { id, version, orderId: id, userId, status, amount, currency, stripeId, refunded, dispute };
  const waiting = payment.postponed ? { awaitsBalanceSince: payment.postponed.since } : {};
  return { ...facts, ...(status === 'captured' ? ticketFacts(payment) : {}), ...waiting };
}

/** Once everything is refunded, single tickets are no news. */
const factsOfTickets = (payment: Payment) => (payment.status === 'refunded' ? {} : ticketFacts(payment));

const eventsByStatus = {
  pending: [],
  authorized: [PaymentAuthorized],
  captured: [PaymentCaptured],
  failed: [PaymentFailed],
  voided: [PaymentVoided],
  // Without the capture event, an order that missed it would wait for its payment for ever.
  refunded: [PaymentCaptured, PaymentRefunded],
} as const;

export function current(payment: Payment): readonly EventContract[] {
  const { status, refunded, failedRefunds, dispute } = payment;
  const part = status === 'captured' && refunded > 0 ? [PaymentPartlyRefunded] : [];
  const failed =
    status === 'captured' && failedRefunds + refundFailedTickets(payment).length > 0 ? [PaymentRefundFailed] : [];
  const waiting = payment.postponed ? [PaymentRefundPostponed] : [];
  return [...eventsByStatus[status], ...part, ...failed, ...waiting, ...(dispute ? [PaymentDisputed] : [])];
}
