import type { Order } from '@box-office/common/contracts/orders';
import {
  type DisputeStatus,
  PaymentCaptured,
  PaymentDisputed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
} from '@box-office/common/contracts/payments';
import { begin, current, isCaptured, nextStep, observe, Payment } from './payment.ts';
import { at, authorized, captured, now, order, pending, stepFor } from './payment-under-test.ts';
import { wantPartRefund, wantRefund } from './refund.ts';

describe('what is stored of a payment', () => {
  it('begins with what its order costs, and nothing has happened yet', () => {
    expect(begin(order, now)).toEqual({ next: pending, announce: [], changed: true });
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    expect(begin({ ...order, traceparent }, now).next.traceparent).toBe(traceparent);
    const authorization = observe(pending, at('requires_capture'), now).next;
    expect([authorization, observe(authorization, at('succeeded'), now).next]).toEqual([authorized, captured]);
  });

  it('has each refund of a part whole', () => {
    const part = { id: 'r1', amount: 500, made: true };
    // Earlier releases store no more of it.
    const whole = { ...part, ticketId: null, owed: false, failed: false, postponed: 0 };
    expect(Payment.parse({ ...captured, partRefunds: [part] }).partRefunds).toEqual([whole]);
    expect(Payment.safeParse({ ...captured, partRefunds: [{ ...part, id: '' }] }).success).toBe(false);
  });
});

describe('whether money was captured', () => {
  it('is said by the status alone', () => {
    const statuses = ['pending', 'authorized', 'captured', 'failed', 'voided', 'refunded'] as const;
    expect(statuses.filter((status) => isCaptured({ ...captured, status }))).toEqual(['captured', 'refunded']);
  });
});

describe('money of a cancelled order', () => {
  const cancelled: Order = { ...order, status: 'cancelled' };
  const disputed = (status: DisputeStatus) => ({ ...at('succeeded'), dispute: { status, amount: 500 } });

  it('is refunded by itself, but not while Stripe would refuse that for a dispute', () => {
    expect(stepFor(authorized, cancelled, at('succeeded'))).toBe('refund');
    for (const status of ['inquiry', 'won', 'lost'] as const) {
      expect(stepFor(captured, cancelled, disputed(status))).toBe('refund');
    }
    expect(stepFor(captured, cancelled, disputed('open'))).toBe('none');
    expect(stepFor(wantRefund(captured, now).next, cancelled, disputed('open'))).toBe('refund');
  });

  it('is not refunded by itself once Stripe has refused that, but what people have requested is', () => {
    const step = (payment: Payment) => nextStep(payment, cancelled, at('succeeded'), now, true);
    expect(step(captured)).toBe('none');
    expect(step(wantPartRefund(captured, { id: 'one', amount: 500 }, now).next)).toBe('refundParts');
    expect(step(wantRefund(captured, now).next)).toBe('refund');
  });
});

describe('money that moves', () => {
  const later = new Date('2026-01-02T12:00:00.000Z');
  const disputed = { ...at('succeeded'), dispute: { status: 'open', amount: 1500 } } as const;

  it('changes nothing in a payment that ended without money', () => {
    for (const status of ['failed', 'voided'] as const) {
      const ended = { ...captured, status };
      expect(observe(ended, disputed, later)).toEqual({ next: ended, announce: [], changed: false });
    }
  });

  it('is stored when only a dispute is new', () => {
    const change = observe(captured, disputed, later);
    expect(change).toMatchObject({ announce: [PaymentDisputed], changed: true });
    expect(change.next).toMatchObject({ status: 'captured', since: captured.since, dispute: disputed.dispute });
  });

  it('dates a status from when it began, and a refund of a part begins none', () => {
    expect(observe(authorized, at('succeeded'), later).next.since).toBe(later.toISOString());
    expect(observe(captured, at('succeeded', 500), later).next.since).toBe(captured.since);
    expect(observe(captured, at('succeeded', true), later).next.since).toBe(later.toISOString());
  });

  it('is announced again as it is now: in part only while not all was refunded', () => {
    const refunded = { ...captured, status: 'refunded', refunded: 1500, failedRefunds: 1 } as const;
    expect(current(refunded)).toEqual([PaymentCaptured, PaymentRefunded]);
    expect(current({ ...captured, refunded: 500, failedRefunds: 1 })).toEqual([
      PaymentCaptured,
      PaymentPartlyRefunded,
      PaymentRefundFailed,
    ]);
  });
});
