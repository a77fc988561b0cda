import { refused } from '@box-office/common/testing/refused';
import { observe } from './payment.ts';
import { at, now, order, pending } from './payment-under-test.ts';
import { dropPartRefund, dropRefund, mustBeSeller, wantPartRefund, wantRefund } from './refund.ts';

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
  const seen = (...made: string[]) => ({ ...at('succeeded', 500), parts: { made, failed: [] } });
  const wanted = wantPartRefund(captured, { id: 'one', amount: 500 }, later);

  it('is wanted once for each request', () => {
    expect(wanted).toMatchObject({
      announce: [],
      next: { since: later.toISOString(), partRefunds: [{ id: 'one', amount: 500, made: false, ticketId: null }] },
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
    // Stripe has made it, and its amount is not in the total yet.
    const made = observe(wanted.next, { ...seen('one'), refunded: 0 }, now).next;
    for (const payment of [made, observe(wanted.next, seen('one'), now).next]) {
      expect(() => wantPartRefund(payment, { id: 'other', amount: 1001 }, now)).toThrow(tooLarge);
    }
    expect(() => wantPartRefund(wantRefund(captured, now).next, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(refunded, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
  });

  it('stays known once it is made, so that its repeat is none', () => {
    const made = observe(wanted.next, seen('one', 'another'), now).next;
    expect(made.partRefunds).toMatchObject([{ id: 'one', amount: 500, made: true, failed: false }]);
    expect(observe(made, seen('one'), now).changed).toBe(false);
    // Stripe was not asked about it.
    expect(observe(made, at('succeeded', 500), now).changed).toBe(false);
    expect(dropPartRefund(made, 'one').changed).toBe(false);
    expect(wantPartRefund(made, { id: 'one', amount: 500 }, now).changed).toBe(false);
    const whole = observe(made, at('succeeded', true), now).next;
    expect(wantPartRefund(whole, { id: 'one', amount: 500 }, now).changed).toBe(false);
  });

  it('is dropped when Stripe says no', () => {
    expect(dropPartRefund(wanted.next, 'one')).toEqual({
      next: { ...captured, since: later.toISOString() },
      announce: [],
      changed: true,
    });
    expect(dropPartRefund(captured, 'one').changed).toBe(false);
  });
});
