import type { Order } from '@box-office/common/contracts/orders';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentFailed,
  PaymentRefunded,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import fc from 'fast-check';
import {
  begin,
  type IntentView,
  mustBeOpen,
  mustBePayable,
  nextStep,
  observe,
  refuseCapture,
  refuseIntent,
  snapshot,
  withIntent,
} from './payment.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const order: Order = {
  id: 'a'.repeat(24),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: '2026-01-01T12:15:00.000Z',
  ticket: { id: 'b'.repeat(24), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
};
const at = (status: string, refunded = false): IntentView => ({ status, refunded });
const pending = begin(order, now).next;
const authorized = observe(pending, at('requires_capture'), now).next;
const captured = observe(authorized, at('succeeded'), now).next;
const cancelled: Order = { ...order, status: 'cancelled', version: 1 };
const paying: Order = { ...order, status: 'awaiting:payment', version: 1 };

describe('an order', () => {
  it('can be paid by its buyer until it is closed or its time is up', () => {
    expect(mustBePayable(order, 'buyer', now)).toBe(order);
    expect(mustBePayable(paying, 'buyer', new Date('2026-01-01T13:00:00Z'))).toBe(paying);
    const notFound = expect.objectContaining({ status: 404 });
    expect(() => mustBePayable(null, 'buyer', now)).toThrow(notFound);
    expect(() => mustBePayable(order, 'somebody', now)).toThrow(notFound);
    const closed = expect.objectContaining({ status: 409, code: 'order-closed' });
    expect(() => mustBePayable(cancelled, 'buyer', now)).toThrow(closed);
    expect(() => mustBePayable({ ...order, status: 'complete' }, 'buyer', now)).toThrow(closed);
    expect(() => mustBePayable(order, 'buyer', new Date(order.expiresAt))).toThrow(closed);
  });
});

describe('a payment', () => {
  it('follows its intent and says so', () => {
    expect(observe(pending, at('requires_capture'), now).announce).toEqual([PaymentAuthorized]);
    expect(observe(authorized, at('succeeded'), now).announce).toEqual([PaymentCaptured]);
    expect(observe(authorized, at('canceled'), now).announce).toEqual([PaymentVoided]);
    expect(observe(captured, at('succeeded', true), now).announce).toEqual([PaymentRefunded]);
    expect(snapshot(captured)).toMatchObject({ id: order.id, orderId: order.id, status: 'captured', amount: 1500 });
  });

  it('has failed when the capture was refused and the reservation let go', () => {
    const refused = refuseCapture(authorized).next;
    expect(observe(refused, at('canceled'), now)).toMatchObject({
      next: { status: 'failed' },
      announce: [PaymentFailed],
    });
  });

  it('has failed when Stripe will never make an intent for it', () => {
    expect(refuseIntent(pending, now)).toMatchObject({ next: { status: 'failed' }, announce: [PaymentFailed] });
    expect(refuseIntent(withIntent(pending, 'pi_1').next, now).changed).toBe(false);
    expect(refuseIntent(refuseIntent(pending, now).next, now).changed).toBe(false);
  });

  it('cannot be begun again once it is over', () => {
    expect(() => mustBeOpen(authorized)).not.toThrow();
    expect(() => mustBeOpen(captured)).toThrow(expect.objectContaining({ status: 409, code: 'order-closed' }));
  });

  it('is not touched by a declined card', () => {
    expect(observe(pending, at('requires_payment_method'), now).changed).toBe(false);
  });

  it('never goes back, whatever is seen in whatever order', () => {
    const rank = { pending: 0, authorized: 1, captured: 2, failed: 2, voided: 2, refunded: 3 };
    const views = fc.record({
      status: fc.constantFrom(
        'requires_payment_method',
        'requires_action',
        'requires_capture',
        'succeeded',
        'canceled',
      ),
      refunded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(views), (seen) => {
        let payment = pending;
        for (const view of seen) {
          const { next, announce } = observe(payment, view, now);
          expect(rank[next.status]).toBeGreaterThanOrEqual(rank[payment.status]);
          expect(announce.length).toBe(next.status === payment.status ? 0 : 1);
          payment = next;
        }
      }),
    );
  });
});

describe('what is done at Stripe', () => {
  it('is to capture only when the order can no longer be lost', () => {
    expect(nextStep(authorized, paying, at('requires_capture'))).toBe('capture');
    expect(nextStep(authorized, order, at('requires_capture'))).toBe('none');
    expect(nextStep(authorized, null, at('requires_capture'))).toBe('none');
    expect(nextStep(pending, paying, at('requires_payment_method'))).toBe('none');
  });

  it('is to let go what belongs to a cancelled order or was refused', () => {
    for (const status of ['requires_payment_method', 'requires_action', 'requires_capture']) {
      expect(nextStep(authorized, cancelled, at(status))).toBe('void');
    }
    expect(nextStep(refuseCapture(authorized).next, paying, at('requires_capture'))).toBe('void');
    expect(nextStep(authorized, cancelled, at('canceled'))).toBe('none');
  });

  it('is to give up when an authorized payment has lost its reservation, and only then', () => {
    for (const status of ['requires_payment_method', 'requires_action', 'requires_confirmation']) {
      expect(nextStep(authorized, paying, at(status))).toBe('refuse');
      expect(nextStep(authorized, order, at(status))).toBe('refuse');
      expect(nextStep(pending, order, at(status))).toBe('none');
    }
    expect(nextStep(authorized, paying, at('processing'))).toBe('none');
  });

  it('is to give back what was taken for a cancelled order, once', () => {
    expect(nextStep(captured, cancelled, at('succeeded'))).toBe('refund');
    expect(nextStep(captured, cancelled, at('succeeded', true))).toBe('none');
    expect(nextStep(captured, { ...order, status: 'complete' }, at('succeeded'))).toBe('none');
  });
});
