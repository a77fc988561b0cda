import {
  PaymentCaptured,
  PaymentDisputed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
} from '@box-office/common/contracts/payments';
import { begin, current, isCaptured, observe, Payment } from './payment.ts';
import { at, authorized, captured, now, order, pending } from './payment-under-test.ts';

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
