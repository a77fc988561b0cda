import type { Order } from '@box-office/common/contracts/orders';
import {
  type DisputeStatus,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDisputed,
  PaymentFailed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { refused } from '@box-office/common/testing/refused';
import fc from 'fast-check';
import {
  current,
  isOver,
  mustBeOpen,
  mustBePayable,
  observe,
  Payment,
  refuseCapture,
  refuseIntent,
  snapshot,
  withIntent,
} from './payment.ts';
import { at, authorized, captured, listed, now, order, pending, stepFor } from './payment-under-test.ts';
import { wantPartRefund, wantRefund } from './refund.ts';

const cancelled: Order = { ...order, status: 'cancelled', version: 1 };
const paying: Order = { ...order, status: 'awaiting:payment', version: 1 };

describe('an order', () => {
  it('can be paid by its buyer until it is closed or its time is up', () => {
    expect(mustBePayable(order, { id: 'buyer' }, now)).toBe(order);
    expect(mustBePayable(paying, { id: 'buyer' }, new Date('2026-01-01T13:00:00Z'))).toBe(paying);
    const notFound = refused('not-found');
    expect(mustBePayable(order, { id: 'anna', also: ['buyer'] }, now)).toBe(order);
    expect(() => mustBePayable(order, { id: 'anna', also: ['somebody'] }, now)).toThrow(notFound);
    expect(() => mustBePayable(null, { id: 'buyer' }, now)).toThrow(notFound);
    expect(() => mustBePayable(order, { id: 'somebody' }, now)).toThrow(notFound);
    const closed = refused('order-closed');
    expect(() => mustBePayable(cancelled, { id: 'buyer' }, now)).toThrow(closed);
    expect(() => mustBePayable({ ...order, status: 'complete' }, { id: 'buyer' }, now)).toThrow(closed);
    expect(() => mustBePayable(order, { id: 'buyer' }, new Date(order.expiresAt))).toThrow(closed);
  });

  it('cannot be paid once it has begun, unless the money is on its way', () => {
    const begun = (it: Order): Order => ({ ...it, ticket: { ...it.ticket, startsAt: now.toISOString() } });
    expect(() => mustBePayable(begun(order), { id: 'buyer' }, now)).toThrow(refused('show-over'));
    expect(mustBePayable(begun(order), { id: 'buyer' }, new Date(now.getTime() - 1))).toEqual(begun(order));
    expect(mustBePayable(begun(paying), { id: 'buyer' }, now)).toEqual(begun(paying));
  });
});

describe('a payment', () => {
  it('follows its intent and says so', () => {
    expect(observe(pending, at('requires_capture'), now).announce).toEqual([PaymentAuthorized]);
    expect(observe(authorized, at('succeeded'), now).announce).toEqual([PaymentCaptured]);
    expect(observe(authorized, at('canceled'), now).announce).toEqual([PaymentVoided]);
    expect(observe(captured, at('succeeded', true), now).announce).toEqual([PaymentRefunded]);
    expect(snapshot(captured)).toMatchObject({ id: order.id, orderId: order.id, status: 'captured', amount: 1500 });
    expect(snapshot(captured)).toHaveProperty('refundFailedTickets', []);
    for (const it of [pending, authorized]) expect(snapshot(it)).not.toHaveProperty('refundFailedTickets');
  });

  it('tells of both when the money was taken and given back since the last look', () => {
    for (const payment of [pending, authorized]) {
      expect(observe(payment, at('succeeded', true), now)).toMatchObject({
        next: { status: 'refunded' },
        announce: [PaymentCaptured, PaymentRefunded],
      });
    }
    expect(observe(observe(captured, at('succeeded', true), now).next, at('succeeded', true), now).changed).toBe(false);
  });

  it('tells each time that a part was refunded, and how much so far', () => {
    const part = observe(captured, at('succeeded', 500), now);
    expect(part).toMatchObject({ next: { status: 'captured', refunded: 500 }, announce: [PaymentPartlyRefunded] });
    expect(snapshot(part.next)).toMatchObject({ status: 'captured', amount: 1500, refunded: 500 });
    expect(observe(part.next, at('succeeded', 500), now).changed).toBe(false);
    expect(observe(part.next, at('succeeded', 900), now).announce).toEqual([PaymentPartlyRefunded]);
    const whole = observe(part.next, at('succeeded', 1500), now);
    expect(whole).toMatchObject({ next: { status: 'refunded', refunded: 1500 }, announce: [PaymentRefunded] });
    expect(observe(pending, at('succeeded', 500), now)).toMatchObject({
      next: { status: 'captured', refunded: 500 },
      announce: [PaymentCaptured, PaymentPartlyRefunded],
    });
  });

  it('tells when a refund was taken back, and wants no other until somebody says so', () => {
    const refunded = observe(wantRefund(captured, now).next, at('succeeded', true), now).next;
    const failed = observe(refunded, at('succeeded', 0), now);
    expect(failed).toMatchObject({
      next: { status: 'captured', refunded: 0, refundWanted: false, failedRefunds: 1 },
      announce: [PaymentRefundFailed],
    });
    expect(stepFor(refunded, cancelled, at('succeeded', 0))).toBe('none');
    expect(observe(failed.next, at('succeeded', 0), now).changed).toBe(false);
    expect(stepFor(failed.next, cancelled, at('succeeded'))).toBe('none');
    expect(stepFor(wantRefund(failed.next, now).next, null, at('succeeded'))).toBe('refund');
    expect(observe(failed.next, at('succeeded', true), now).announce).toEqual([PaymentRefunded]);
    // The rest is still wanted when a part was taken back.
    const part = observe(wantRefund(captured, now).next, at('succeeded', 500), now).next;
    expect(observe(part, at('succeeded', 0), now).next).toMatchObject({ refundWanted: true, failedRefunds: 1 });
  });

  it('tells of a dispute and of its end, also when the money was captured at the same time', () => {
    const disputed = (status: DisputeStatus) => ({ ...at('succeeded'), dispute: { status, amount: 1500 } });
    const opened = observe(captured, disputed('open'), now);
    expect(opened).toMatchObject({ next: { status: 'captured', dispute: { status: 'open', amount: 1500 } } });
    expect(opened.announce).toEqual([PaymentDisputed]);
    expect(snapshot(opened.next)).toMatchObject({ dispute: { status: 'open' } });
    expect(observe(opened.next, disputed('open'), now).changed).toBe(false);
    expect(observe(opened.next, disputed('lost'), now)).toMatchObject({
      next: { status: 'captured', dispute: { status: 'lost' } },
      announce: [PaymentDisputed],
    });
    expect(observe(opened.next, at('succeeded'), now)).toMatchObject({
      next: { dispute: null },
      announce: [PaymentDisputed],
    });
    expect(observe(authorized, disputed('open'), now).announce).toEqual([PaymentCaptured, PaymentDisputed]);
  });

  it('keeps the intent that it had first', () => {
    const begun = withIntent(pending, 'pi_1').next;
    expect(begun.stripeId).toBe('pi_1');
    expect(withIntent(begun, 'pi_2')).toMatchObject({ changed: false, next: { stripeId: 'pi_1' } });
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
    expect(() => mustBeOpen(captured)).toThrow(refused('order-closed'));
    const ended = { ...captured, stripeId: null };
    expect(() => mustBeOpen(ended)).toThrow(refused('order-closed'));
    expect(() => mustBeOpen({ ...refuseIntent(pending, now).next })).toThrow(refused('amount-refused'));
    expect(() => mustBeOpen({ ...captured, status: 'failed', stripeId: 'pi_1' })).toThrow(refused('order-closed'));
  });

  it('is not touched by a look that is older than what is known', () => {
    const voided = observe(authorized, at('canceled'), now).next;
    expect(voided.status).toBe('voided');
    for (const payment of [authorized, captured, voided]) {
      expect(observe(payment, at('requires_capture'), now).changed).toBe(false);
    }
    for (const payment of [captured, voided]) expect(observe(payment, at('canceled'), now).changed).toBe(false);
  });

  it('is not touched by a declined card', () => {
    expect(observe(pending, at('requires_payment_method'), now).changed).toBe(false);
  });

  it('never goes back but for a refund that is taken back, whatever is seen in whatever order', () => {
    const rank = { pending: 0, authorized: 1, captured: 2, failed: 2, voided: 2, refunded: 3 };
    const views = fc.record({
      status: fc.constantFrom(
        'requires_payment_method',
        'requires_action',
        'requires_capture',
        'succeeded',
        'canceled',
      ),
      refunded: fc.constantFrom(0, 500, 1000, 1500),
      dispute: fc.constantFrom(null, { status: 'open', amount: 1500 } as const),
    });
    fc.assert(
      fc.property(fc.array(views), (seen) => {
        let payment = pending;
        for (const view of seen) {
          const { next, announce } = observe(payment, view, now);
          const isTakenBack = next.refunded < payment.refunded;
          expect(announce.includes(PaymentRefundFailed)).toBe(isTakenBack);
          if (!isTakenBack) expect(rank[next.status]).toBeGreaterThanOrEqual(rank[payment.status]);
          expect(next.status === 'refunded').toBe(next.refunded === next.amount);
          const isDisputed = next.dispute !== payment.dispute;
          expect(announce.includes(PaymentDisputed)).toBe(isDisputed);
          const isOther = next.status !== payment.status || next.refunded !== payment.refunded;
          expect(announce.length > 0).toBe(isOther || isDisputed);
          expect(announce.includes(PaymentCaptured)).toBe(rank[payment.status] < 2 && view.status === 'succeeded');
          payment = next;
        }
      }),
    );
  });
});

describe('a stored payment', () => {
  it('is read as it was written, and as it was before refunds could be wanted', () => {
    expect(Payment.parse(captured)).toEqual(captured);
    const { refundWanted: _, ...old } = captured;
    expect(Payment.parse(old)).toEqual({ ...captured, refundWanted: false });
    const { partRefunds: __, refunded: ___, ...older } = observe(captured, at('succeeded', true), now).next;
    expect(Payment.parse(older)).toMatchObject({ partRefunds: [], refunded: 1500 });
  });

  it('is refused when it makes no sense', () => {
    expect(Payment.safeParse({ ...captured, currency: 'kwd' }).success).toBe(false);
  });
});

describe('what is done at Stripe', () => {
  it('is to capture only when the order can no longer be lost', () => {
    expect(stepFor(authorized, paying, at('requires_capture'))).toBe('capture');
    expect(stepFor(authorized, order, at('requires_capture'))).toBe('none');
    expect(stepFor(authorized, null, at('requires_capture'))).toBe('none');
    expect(stepFor(pending, paying, at('requires_payment_method'))).toBe('none');
  });

  it('is to let go what belongs to a cancelled order or was refused', () => {
    for (const status of ['requires_payment_method', 'requires_action', 'requires_capture']) {
      expect(stepFor(authorized, cancelled, at(status))).toBe('void');
    }
    expect(stepFor(refuseCapture(authorized).next, paying, at('requires_capture'))).toBe('void');
    expect(stepFor(authorized, cancelled, at('canceled'))).toBe('none');
    // Refused while the bank makes up its mind; asked again when it has.
    expect(stepFor(pending, cancelled, at('processing'))).toBe('none');
  });

  it('is to give up when an authorized payment has lost its reservation, and only then', () => {
    for (const status of ['requires_payment_method', 'requires_action', 'requires_confirmation']) {
      expect(stepFor(authorized, paying, at(status))).toBe('refuse');
      expect(stepFor(authorized, order, at(status))).toBe('refuse');
      expect(stepFor(pending, order, at(status))).toBe('none');
    }
    expect(stepFor(authorized, paying, at('processing'))).toBe('none');
  });

  it('is to give back what was taken for a cancelled order, once', () => {
    expect(stepFor(captured, cancelled, at('succeeded'))).toBe('refund');
    expect(stepFor(captured, cancelled, at('succeeded', true))).toBe('none');
    expect(stepFor(captured, { ...order, status: 'complete' }, at('succeeded'))).toBe('none');
  });

  it('is to give back what the seller wants to give back, once', () => {
    const wanted = wantRefund(captured, now).next;
    const complete: Order = { ...order, status: 'complete' };
    expect(stepFor(wanted, complete, at('succeeded'))).toBe('refund');
    expect(stepFor(wanted, complete, at('succeeded', true))).toBe('none');
    expect(stepFor(wanted, complete, at('succeeded', 500))).toBe('refund');
  });

  it('is to give back the parts that the seller wants to give back, before the rest', () => {
    const parts = wantPartRefund(captured, { id: 'one', amount: 500 }, now).next;
    expect(stepFor(parts, { ...order, status: 'complete' }, at('succeeded'))).toBe('refundParts');
    expect(stepFor(parts, { ...order, status: 'complete' }, at('succeeded', true))).toBe('none');
    expect(stepFor(parts, cancelled, at('succeeded'))).toBe('refund');
    expect(stepFor(wantRefund(parts, now).next, null, at('succeeded'))).toBe('refundParts');
    expect(stepFor(parts, null, { ...at('succeeded', 500), parts: listed(['one']) })).toBe('none');
  });
});

describe('a payment that is announced again', () => {
  const as = (status: Payment['status']): Payment => ({ ...pending, status });

  it('is told as what it has come to, a capture before what was given back', () => {
    expect(current(pending)).toEqual([]);
    expect((['authorized', 'captured', 'failed', 'voided'] as const).flatMap((status) => current(as(status)))).toEqual([
      PaymentAuthorized,
      PaymentCaptured,
      PaymentFailed,
      PaymentVoided,
    ]);
    expect(current(as('refunded'))).toEqual([PaymentCaptured, PaymentRefunded]);
    expect(current({ ...as('captured'), refunded: 1 })).toEqual([PaymentCaptured, PaymentPartlyRefunded]);
    expect(current({ ...as('captured'), failedRefunds: 1 })).toEqual([PaymentCaptured, PaymentRefundFailed]);
    const dispute = { status: 'lost', amount: 1500 } as const;
    expect(current({ ...as('captured'), dispute })).toEqual([PaymentCaptured, PaymentDisputed]);
  });

  it('is over only when nothing was taken and nothing can be', () => {
    expect([as('voided'), { ...as('failed'), captureRefused: true }].every(isOver)).toBe(true);
    // An intent that was made in the moment another was refused may still hold money.
    expect([pending, authorized, captured, as('failed'), as('refunded')].some(isOver)).toBe(false);
    // Stripe has refused to capture and still holds the reservation.
    expect(isOver({ ...authorized, captureRefused: true })).toBe(false);
  });
});
