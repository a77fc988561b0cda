import { refused } from '@box-office/common/testing/refused';
import { observe } from './payment.ts';
import { at, now, order, pending } from './payment-under-test.ts';
import { dropPartRefund, dropRefund, mustBeSeller, partRefundMade, wantPartRefund, wantRefund } from './refund.ts';

const authorized = observe(pending, at('requires_capture'), now).next;
const captured = observe(authorized, at('succeeded'), now).next;
const refunded = observe(captured, at('succeeded', true), now).next;
const voided = observe(authorized, at('canceled'), now).next;
const later = new Date('2026-01-02T12:00:00.000Z');

describe('a refund', () => {
  it('is the seller’s to ask for', () => {
    expect(mustBeSeller(order, 'seller')).toBe(order);
    expect(() => mustBeSeller(null, 'seller')).toThrow(refused('not-found'));
    const notYours = refused('not-your-sale');
    expect(() => mustBeSeller(order, 'buyer')).toThrow(notYours);
    const { sellerId: _, ...old } = order;
    expect(() => mustBeSeller(old, 'seller')).toThrow(notYours);
  });

  it('is wanted once, and only of money that was taken', () => {
    const wanted = wantRefund(captured, later);
    expect(wanted).toMatchObject({ changed: true, announce: [], next: { refundWanted: true, status: 'captured' } });
    expect(wanted.next.since).toBe(later.toISOString());
    expect(wantRefund(wanted.next, later).changed).toBe(false);
    expect(wantRefund(refunded, later).changed).toBe(false);
    for (const payment of [pending, authorized, voided]) {
      expect(() => wantRefund(payment, later)).toThrow(refused('payment-not-captured'));
    }
  });

  it('is dropped when Stripe says no', () => {
    expect(dropRefund(wantRefund(captured, now).next).next).toEqual(captured);
    expect(dropRefund(captured).changed).toBe(false);
  });
});

describe('a refund of a part', () => {
  const wanted = wantPartRefund(captured, { id: 'one', amount: 500 }, later);

  it('is wanted once for each request', () => {
    expect(wanted).toMatchObject({
      announce: [],
      next: { since: later.toISOString(), partRefunds: [{ id: 'one', amount: 500, made: false }] },
    });
    expect(wantPartRefund(wanted.next, { id: 'one', amount: 500 }, now).changed).toBe(false);
    expect(wantPartRefund(wanted.next, { id: 'other', amount: 500 }, now).next.partRefunds).toHaveLength(2);
    for (const payment of [pending, authorized, voided]) {
      expect(() => wantPartRefund(payment, { id: 'one', amount: 500 }, now)).toThrow(refused('payment-not-captured'));
    }
  });

  it('is never more than what is left', () => {
    const tooLarge = refused('refund-too-large');
    expect(() => wantPartRefund(captured, { id: 'one', amount: 1501 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(wanted.next, { id: 'other', amount: 1001 }, now)).toThrow(tooLarge);
    expect(wantPartRefund(wanted.next, { id: 'other', amount: 1000 }, now).changed).toBe(true);
    // Stripe has made it, and has not been asked yet how much that is in all.
    const made = partRefundMade(wanted.next, 'one').next;
    const seen = observe(made, at('succeeded', 500), now).next;
    expect(() => wantPartRefund(seen, { id: 'other', amount: 1001 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(wantRefund(captured, now).next, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(refunded, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
  });

  it('stays known once it is made, so that its repeat is none', () => {
    const made = partRefundMade(wanted.next, 'one').next;
    expect(made.partRefunds).toEqual([{ id: 'one', amount: 500, made: true }]);
    expect(partRefundMade(made, 'one').changed).toBe(false);
    expect(dropPartRefund(made, 'one').changed).toBe(false);
    expect(wantPartRefund(made, { id: 'one', amount: 500 }, now).changed).toBe(false);
    const whole = observe(made, at('succeeded', true), now).next;
    expect(wantPartRefund(whole, { id: 'one', amount: 500 }, now).changed).toBe(false);
  });

  it('is dropped when Stripe says no', () => {
    expect(dropPartRefund(wanted.next, 'one').next.partRefunds).toEqual([]);
    expect(dropPartRefund(captured, 'one').changed).toBe(false);
  });
});
