import type { Order } from '@box-office/common/contracts/orders';
import type { PartAtStripe } from './part-refund.ts';
import { type IntentView, nextStep, type Payment } from './payment.ts';

export const now = new Date('2026-01-01T12:00:00.000Z');
export const order: Order = {
  id: 'a'.repeat(24),
  version: 0,
  userId: 'buyer',
  sellerId: 'seller',
  status: 'created',
  expiresAt: '2026-01-01T12:15:00.000Z',
  ticket: { id: 'b'.repeat(24), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
};
/** An intent, of which a part or everything may be refunded. */
export const at = (status: string, refunded: boolean | number = 0): IntentView => ({
  status,
  refunded: refunded === true ? order.ticket.price : Number(refunded),
  dispute: null,
});
/** How Stripe lists refunds of a part that were made or taken back. */
export const listed = (made: readonly string[], failed: readonly string[] = []): PartAtStripe[] => [
  ...made.map((id) => ({ id, amount: 500, failed: false })),
  ...failed.map((id) => ({ id, amount: 500, failed: true })),
];
/** As `begin` makes it, and what becomes of it. */
export const pending: Payment = {
  ...{ id: order.id, version: 0, userId: 'buyer', status: 'pending', amount: 1500, currency: 'eur', stripeId: null },
  ...{ captureRefused: false, refundWanted: false, partRefunds: [], refusedTickets: [], refunded: 0 },
  ...{ failedRefunds: 0, wholeFailed: false, postponed: null, wholePostponed: 0, dispute: null },
  ...{ since: now.toISOString(), traceparent: null },
};
export const authorized: Payment = { ...pending, status: 'authorized' };
export const captured: Payment = { ...pending, status: 'captured' };

/** What to do now. */
export const stepFor = (payment: Payment, order: Order | null, intent: IntentView) =>
  nextStep(payment, order, intent, now);
