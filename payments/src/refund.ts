import type { Order } from '@box-office/common/contracts/orders';
import { notFound, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
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
  const left = leftToRefund(payment);
  if (part.amount > left) {
    const rest = left > 0 ? `Only ${left} is left to refund` : 'Nothing is left to refund';
    throw problem('refund-too-large', `${rest}, in the smallest unit of the currency.`);
  }
  const partRefunds = [...payment.partRefunds, { ...part, made: false }];
  return changed({ ...payment, partRefunds, since: now.toISOString() });
}

/** What was neither refunded nor is about to be. */
function leftToRefund(payment: Payment): number {
  if (payment.refundWanted) return 0;
  const wanted = payment.partRefunds.filter(({ made }) => !made).reduce((sum, { amount }) => sum + amount, 0);
  return payment.amount - payment.refunded - wanted;
}

/** Stripe refused the refund, for example because the buyer disputes the charge. The seller may request it again. */
export function dropRefund(payment: Payment): Change<Payment> {
  return payment.refundWanted ? changed({ ...payment, refundWanted: false }) : unchanged(payment);
}

export function dropPartRefund(payment: Payment, partId: string): Change<Payment> {
  const partRefunds = payment.partRefunds.filter(({ id, made }) => made || id !== partId);
  return partRefunds.length < payment.partRefunds.length ? changed({ ...payment, partRefunds }) : unchanged(payment);
}

/** Stripe has made it. How much the buyer has in all is only known from Stripe's next answer. */
export function partRefundMade(payment: Payment, partId: string): Change<Payment> {
  if (!payment.partRefunds.some(({ id, made }) => id === partId && !made)) return unchanged(payment);
  const partRefunds = payment.partRefunds.map((it) => (it.id === partId ? { ...it, made: true } : it));
  return changed({ ...payment, partRefunds });
}

export const notCaptured = () => problem('payment-not-captured', 'No money was captured for this order.');
