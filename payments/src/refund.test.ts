import type { Order } from '@box-office/common/contracts/orders';
import { PaymentCaptured, PaymentDisputed, PaymentPartlyRefunded } from '@box-office/common/contracts/payments';
import { refused } from '@box-office/common/testing/refused';
import { owe } from './owed.ts';
import { refundFailedTickets } from './part-refund.ts';
import { observe, type Payment } from './payment.ts';
import { at, authorized, captured, listed, now, order, pending } from './payment-under-test.ts';
import {
  areCovered,
  areRefunded,
  dropPartRefund,
  dropRefund,
  mustBeSeller,
  observeToRefund,
  ticketsIn,
  wantPartRefund,
  wantRefund,
  wantTicketRefunds,
} from './refund.ts';

const refunded: Payment = { ...captured, status: 'refunded', refunded: 1500 };
const voided: Payment = { ...authorized, status: 'voided' };
const later = new Date('2026-01-02T12:00:00.000Z');

describe('a refund', () => {
  it('is the seller’s to ask for', () => {
    expect(mustBeSeller(order, { id: 'seller' })).toBe(order);
    expect(() => mustBeSeller(null, { id: 'seller' })).toThrow(refused('not-found'));
    const notYours = refused('not-your-sale');
    expect(() => mustBeSeller(order, { id: 'buyer' })).toThrow(notYours);
    const { sellerId: _, ...old } = order;
    expect(() => mustBeSeller(old, { id: 'seller' })).toThrow(notYours);
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

  it('is stored as wanted with the look that precedes it', () => {
    const disputed = { ...at('succeeded', 500), dispute: { status: 'open', amount: 1500 } } as const;
    const seen = observeToRefund(authorized, disputed, later);
    expect(seen.announce).toEqual([PaymentCaptured, PaymentPartlyRefunded, PaymentDisputed]);
    expect(seen).toMatchObject({
      changed: true,
      next: { status: 'captured', refunded: 500, refundWanted: true, since: later.toISOString() },
    });
    const asked = {
      next: { ...captured, refundWanted: true, since: later.toISOString() },
      announce: [],
      changed: true,
    };
    expect(observeToRefund(captured, at('succeeded'), later)).toEqual(asked);
    expect(observeToRefund(asked.next, at('succeeded'), now).changed).toBe(false);
    // There is nothing to refund, or not yet.
    expect(observeToRefund(captured, at('succeeded', true), now).next).toMatchObject({ refundWanted: false });
    expect(observeToRefund(pending, at('requires_capture'), now).next).toEqual(authorized);
  });

  it('is dropped when Stripe says no', () => {
    expect(dropRefund(wantRefund(captured, now).next)).toEqual({ next: captured, announce: [], changed: true });
    expect(dropRefund(captured).changed).toBe(false);
  });
});

describe('a refund of a part', () => {
  const seen = (...made: string[]) => ({ ...at('succeeded', 500), parts: listed(made) });
  const want = () => wantPartRefund(captured, { id: 'one', amount: 500 }, later);
  const wanted = () => want().next;

  it('is wanted once for each request', () => {
    expect(want()).toMatchObject({
      announce: [],
      next: { since: later.toISOString(), partRefunds: [{ id: 'one', amount: 500, made: false, ticketId: null }] },
    });
    expect(wantPartRefund(wanted(), { id: 'one', amount: 500 }, now).changed).toBe(false);
    const fresh = { amount: 500, made: false, ticketId: null, owed: false, failed: false, postponed: 0 };
    expect(wantPartRefund(wanted(), { id: 'other', amount: 500 }, now).next.partRefunds).toEqual([
      { id: 'one', ...fresh },
      { id: 'other', ...fresh },
    ]);
    for (const payment of [pending, authorized, voided]) {
      expect(() => wantPartRefund(payment, { id: 'one', amount: 500 }, now)).toThrow(refused('payment-not-captured'));
    }
  });

  it('is never more than what is left', () => {
    const tooLarge = refused('refund-too-large');
    expect(() => wantPartRefund(captured, { id: 'one', amount: 1501 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(wanted(), { id: 'other', amount: 1001 }, now)).toThrow(tooLarge);
    expect(wantPartRefund(wanted(), { id: 'other', amount: 1000 }, now).changed).toBe(true);
    // Stripe has made it, and its amount is not in the total yet.
    const made = observe(wanted(), { ...seen('one'), refunded: 0 }, now).next;
    for (const payment of [made, observe(wanted(), seen('one'), now).next]) {
      expect(() => wantPartRefund(payment, { id: 'other', amount: 1001 }, now)).toThrow(tooLarge);
    }
    expect(() => wantPartRefund(wantRefund(captured, now).next, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
    expect(() => wantPartRefund(refunded, { id: 'one', amount: 1 }, now)).toThrow(tooLarge);
  });

  it('that is too large is refused with what is left', () => {
    const ask = (payment: Payment) => () => wantPartRefund(payment, { id: 'other', amount: 2000 }, now);
    const left = (words: string) =>
      expect.objectContaining({ detail: `${words}, in the smallest unit of the currency.` });
    expect(ask(wanted())).toThrow(left('Only 1000 is left to refund'));
    expect(ask(refunded)).toThrow(left('Nothing is left to refund'));
  });

  it('stays known once it is made, so that its repeat is none', () => {
    const made = observe(wanted(), seen('one', 'another'), now).next;
    expect(made.partRefunds).toMatchObject([{ id: 'one', amount: 500, made: true, failed: false }]);
    expect(observe(made, seen('one'), now).changed).toBe(false);
    // Stripe was not asked about it.
    expect(observe(made, at('succeeded', 500), now).changed).toBe(false);
    expect(dropPartRefund(made, 'one', later).changed).toBe(false);
    expect(wantPartRefund(made, { id: 'one', amount: 500 }, now).changed).toBe(false);
    const whole = observe(made, at('succeeded', true), now).next;
    expect(wantPartRefund(whole, { id: 'one', amount: 500 }, now).changed).toBe(false);
  });

  it('is dropped when Stripe says no', () => {
    expect(dropPartRefund(wanted(), 'one', now)).toEqual({
      next: { ...captured, since: later.toISOString() },
      announce: [],
      changed: true,
    });
    expect(dropPartRefund(captured, 'one', later).changed).toBe(false);
    const both = wantPartRefund(wanted(), { id: 'other', amount: 300 }, now).next;
    expect(dropPartRefund(both, 'other', now).next.partRefunds).toEqual(wanted().partRefunds);
    expect(dropPartRefund(both, 'one', now).next.partRefunds).toMatchObject([{ id: 'other' }]);
  });
});

describe('a refund of tickets', () => {
  const [one, two] = ['1'.repeat(24), '2'.repeat(24)];
  const [first, second, free] = [
    { id: one, attempt: 1, price: 1000 },
    { id: two, attempt: 1, price: 500 },
    { id: '3'.repeat(24), attempt: 1, price: 0 },
  ];
  const several: Order = { ...order, tickets: [first, second, free], total: 1500 };
  const want = () => wantTicketRefunds(captured, [first, free], later);
  const wanted = () => want().next;

  it('is of tickets of the order', () => {
    expect(ticketsIn(several, [two, two, one])).toEqual([first, second]);
    expect(ticketsIn(order, [order.ticket.id])).toMatchObject([{ id: order.ticket.id, price: 1500 }]);
    expect(() => ticketsIn(several, [one, '4'.repeat(24)])).toThrow(refused('not-found'));
  });

  it('is wanted once for each that costs something, whoever has requested it', () => {
    const part = { id: `ticket:${one}`, ticketId: one, amount: 1000, made: false, owed: false, failed: false };
    expect(want()).toMatchObject({ announce: [], next: { since: later.toISOString(), partRefunds: [part] } });
    expect(wanted().partRefunds).toHaveLength(1);
    expect(wantTicketRefunds(wanted(), [first], now).changed).toBe(false);
    expect(wantTicketRefunds(wanted(), [first, second], now).next.partRefunds).toHaveLength(2);
    expect(wantTicketRefunds(refunded, [first], now).changed).toBe(false);
    expect(wantTicketRefunds(wantRefund(captured, now).next, [first], now).changed).toBe(false);
    expect([areCovered(wanted(), [first, free]), areCovered(wanted(), [second])]).toEqual([true, false]);
    expect(areCovered(wanted(), [first, second])).toBe(false);
    expect(areCovered(wantRefund(captured, now).next, [first])).toBe(true);
    expect(areRefunded(wanted(), [first])).toBe(false);
  });

  it('is of money that was taken, and never more than is left', () => {
    for (const payment of [pending, authorized, voided]) {
      expect(() => wantTicketRefunds(payment, [first], now)).toThrow(refused('payment-not-captured'));
    }
    const part = wantPartRefund(captured, { id: 'a', amount: 700 }, now).next;
    expect(wantTicketRefunds(part, [first], now).next.partRefunds[1]).toMatchObject({ amount: 800 });
    const tooLarge = refused('refund-too-large');
    expect(() => wantTicketRefunds(part, [first, second], now)).toThrow(tooLarge);
    expect(() => wantTicketRefunds(captured, [free], now)).toThrow(tooLarge);
  });

  it('that the bank took back may be wanted again', () => {
    const seen = (made: string[], failed: string[]) => ({
      ...at('succeeded', made.length * 1000),
      parts: listed(made, failed),
    });
    const made = observe(wanted(), seen([`ticket:${one}`], []), now).next;
    expect([areRefunded(made, [first, free]), areRefunded(made, [first, second])]).toEqual([true, false]);
    expect(areRefunded(refunded, [first, second])).toBe(true);
    const failed = observe(made, seen([], [`ticket:${one}`]), now).next;
    expect([areRefunded(failed, [first]), areCovered(failed, [first])]).toEqual([false, false]);
    expect(areCovered(refunded, [first])).toBe(true);
    expect(refundFailedTickets(failed)).toEqual([one]);
    expect(refundFailedTickets(wantTicketRefunds(failed, [first], now).next)).toEqual([]);
    expect(wantTicketRefunds(failed, [first], now).next.partRefunds[1]).toMatchObject({
      id: `ticket:${one}:2`,
      amount: 1000,
    });
  });

  it('that Stripe refuses is dropped, and the next request has an id of its own', () => {
    const dropped = dropPartRefund(wanted(), `ticket:${one}`, now);
    expect(dropped.announce).toEqual([]);
    expect(dropped.next.refusedTickets).toEqual([{ ticketId: one, amount: 1000, final: false }]);
    expect(wantTicketRefunds(dropped.next, [first], now).next.partRefunds).toMatchObject([{ id: `ticket:${one}:2` }]);
    expect(refundFailedTickets(dropped.next)).toEqual([]);
    const again = dropPartRefund(wantTicketRefunds(dropped.next, [first], now).next, `ticket:${one}:2`, now);
    expect(again.next.refusedTickets).toHaveLength(2);
  });

  it('of a ticket that has ended meanwhile is owed, so that a refusal is remembered', () => {
    const ended: Order = { ...several, tickets: [{ ...first, ended: 'show-cancelled' }, second, free] };
    const owed = owe(wanted(), ended, now);
    expect(owed.next.partRefunds).toMatchObject([{ id: `ticket:${one}`, owed: true }]);
    expect(owe(owed.next, ended, now).changed).toBe(false);
    const both = owe(wantTicketRefunds(wanted(), [second], now).next, ended, now);
    expect(both.next.partRefunds.map(({ owed }) => owed)).toEqual([true, false]);
    expect(refundFailedTickets(dropPartRefund(owed.next, `ticket:${one}`, now).next)).toEqual([one]);
  });
});
