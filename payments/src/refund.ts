import type { Order } from '@box-office/common/contracts/orders';
import { PaymentRefundFailed } from '@box-office/common/contracts/payments';
import { notFound, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { leftToRefund } from './owed.ts';
import type { Payment } from './payment.ts';

/** Only the seller may refund an order. Orders stored before the field existed have no seller. */
export function mustBeSeller(order: Order | null, userId: string): Order {
  if (!order) throw notFound('There is no such order.');
  if (order.sellerId !== userId) throw problem('not-your-sale', 'Only the seller of the ticket can refund it.');
  return order;
}

/** Requests a refund of all that is left, unless one was already requested or made, by us or in Stripe's dashboard. */
export function wantRefund(payment: Payment, now: Date): Change<Payment> {
  if (payment.status === 'refunded' || payment.refundWanted) return unchanged(payment);
  if (payment.status !== 'captured') throw notCaptured();
  return changed({ ...payment, refundWanted: true, since: now.toISOString() });
}

/** Requests a refund of a part, once per id. */
export function wantPartRefund(payment: Payment, part: { id: string; amount: number }, now: Date): Change<Payment> {
  if (payment.partRefunds.some(({ id }) => id === part.id)) return unchanged(payment);
  if (payment.status !== 'captured' && payment.status !== 'refunded') throw notCaptured();
  // A request for all that is left comes last.
  const left = payment.refundWanted ? 0 : leftToRefund(payment);
  if (part.amount > left) {
    const rest = left > 0 ? `Only ${left} is left to refund` : 'Nothing is left to refund';
    throw problem('refund-too-large', `${rest}, in the smallest unit of the currency.`);
  }
  const partRefunds = [...payment.partRefunds, { ...part, made: false, ticketId: null, owed: false, failed: false }];
  return changed({ ...payment, partRefunds, since: now.toISOString() });
}

/** Stripe refused the refund, for example because the buyer disputes the charge. The seller may request it again. */
export function dropRefund(payment: Payment): Change<Payment> {
  return payment.refundWanted ? changed({ ...payment, refundWanted: false }) : unchanged(payment);
}

/** Stripe refused to refund a part. That a ticket which has ended was not refunded is remembered and announced. */
export function dropPartRefund(payment: Payment, partId: string): Change<Payment> {
  const part = payment.partRefunds.find(({ id, made }) => id === partId && !made);
  if (!part) return unchanged(payment);
  const { ticketId, amount, owed } = part;
  const refused = ticketId === null ? [] : [{ ticketId, amount, final: owed }];
  const partRefunds = payment.partRefunds.filter((it) => it !== part);
  const next = { ...payment, partRefunds, refusedTickets: [...payment.refusedTickets, ...refused] };
  return owed ? changed(next, PaymentRefundFailed) : changed(next);
}

export const notCaptured = () => problem('payment-not-captured', 'No money was captured for this order.');
