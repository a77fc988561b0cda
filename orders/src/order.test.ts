import {
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  ticketsOf,
  totalOf,
} from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { refused } from '@box-office/common/testing/refused';
import fc from 'fast-check';
import { lookup } from './lookup.ts';
import {
  cancelByBuyer,
  cancelBySeller,
  cancelUnpaid,
  completeOrder,
  current,
  expire,
  holdForPayment,
  isOffered,
  Order,
  snapshot,
} from './order.ts';
import { reserve } from './reserve.ts';

const ticket: Ticket = {
  id: 'a'.repeat(24),
  version: 3,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: null,
  state: 'on-sale',
};
const now = new Date('2026-01-01T12:00:00.000Z');
const windowMs = 15 * 60 * 1000;
const places = { person: [], live: 3, today: { day: '2026-01-01', number: 2 } };
const asked = { id: 'b'.repeat(24), userId: 'buyer', ticket, last: null, places, now, windowMs };
const order = reserve(asked).next;
const paying = holdForPayment(order).next;
const complete = completeOrder(paying).next;
const cancelled = cancelByBuyer(order).next;
const after = new Date('2026-01-01T12:15:00.000Z');
const before = new Date('2026-01-01T12:14:59.999Z');

describe('a reservation', () => {
  it('holds the ticket for 15 minutes at the price shown', () => {
    expect(snapshot(order)).toEqual({
      id: asked.id,
      version: 0,
      userId: 'buyer',
      sellerId: 'seller',
      status: 'created',
      expiresAt: '2026-01-01T12:15:00.000Z',
      ticket: { id: ticket.id, title: 'Opera', price: 1500, currency: 'eur' },
      attempt: 1,
      tickets: [{ id: ticket.id, attempt: 1, price: 1500 }],
      total: 1500,
      currency: 'eur',
    });
  });

  it('is refused for an unknown ticket, a withdrawn one and the buyer’s own', () => {
    expect(() => reserve({ ...asked, ticket: null })).toThrow(refused('not-found'));
    expect(() => reserve({ ...asked, ticket: { ...ticket, state: 'withdrawn' } })).toThrow(refused('not-found'));
    expect(() => reserve({ ...asked, userId: 'seller' })).toThrow(refused('own-ticket'));
  });

  it('of a free ticket is complete at once', () => {
    const free = reserve({ ...asked, ticket: { ...ticket, price: 0 }, places: { ...places, live: null, today: null } });
    expect(free.announce).toEqual([OrderCompleted]);
    expect(snapshot(free.next)).toMatchObject({ status: 'complete', total: 0 });
  });

  it('of several tickets names each of them, and the show', () => {
    const unit = (number: number) => ({
      ...{ id: `${number}`.repeat(24), attempt: number, price: 750, number },
      ...{ kindId: 'c'.repeat(24), kind: 'Stalls', seat: `A${number}` },
    });
    const showId = 'd'.repeat(24);
    const several = Order.parse({ ...order, tickets: [unit(1), unit(2)], showId });
    expect(snapshot(several)).toMatchObject({
      showId,
      tickets: [unit(1), unit(2)].map(({ number: _, ...told }) => told),
      total: 1500,
    });
    expect(snapshot(order)).not.toHaveProperty('showId');
    expect(Order.safeParse({ ...order, tickets: [] }).success).toBe(false);
  });

  it('tells what became of its money, and nothing while nothing did', () => {
    const money = {
      ...{ refundedAt: '2026-01-02T12:00:00.000Z', refunded: 500, refundFailedAt: '2026-01-03T12:00:00.000Z' },
      partlyRefundedAt: '2026-01-01T12:30:00.000Z',
      dispute: { status: 'open', amount: 1000 } as const,
    };
    expect(snapshot({ ...complete, ...money })).toMatchObject(money);
    for (const field of Object.keys(money)) expect(snapshot(complete)).not.toHaveProperty(field);
  });

  it('tells what became of each of its tickets, and nothing while nothing did', () => {
    const at = '2026-01-02T12:00:00.000Z';
    const facts = { offeredAt: at, ended: 'resold', owed: 0, refundedAt: at, refundFailedAt: at } as const;
    const tickets = complete.tickets?.map((it) => ({ ...it, ...facts })) ?? null;
    expect(snapshot({ ...complete, tickets }).tickets).toMatchObject([facts]);
    for (const field of Object.keys(facts)) expect(snapshot(complete).tickets?.[0]).not.toHaveProperty(field);
  });

  it('tells the trace that it was made in, and nothing if nobody traced it', () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    expect(snapshot({ ...order, traceparent })).toMatchObject({ traceparent });
    expect(snapshot(order)).not.toHaveProperty('traceparent');
  });

  it('contains the venue and the start of the ticket', () => {
    const told = { venue: 'The Globe', startsAt: '2027-01-01T19:00:00.000Z', timeZone: 'Europe/London' };
    expect(snapshot(reserve({ ...asked, ticket: { ...ticket, ...told } }).next).ticket).toMatchObject(told);
  });

  it('is refused once the show has begun, and ends at its start at the latest', () => {
    const startingIn = (ms: number) =>
      reserve({ ...asked, ticket: { ...ticket, startsAt: new Date(now.getTime() + ms).toISOString() } });
    expect(() => startingIn(-1)).toThrow(refused('show-over'));
    expect(() => startingIn(0)).toThrow(refused('show-over'));
    expect(startingIn(60_000).next.expiresAt).toBe('2026-01-01T12:01:00.000Z');
    expect(startingIn(windowMs + 1).next.expiresAt).toBe('2026-01-01T12:15:00.000Z');
  });

  it('is refused if Stripe would not accept the price', () => {
    const cheap = (price: number) => reserve({ ...asked, ticket: { ...ticket, price } });
    expect(() => cheap(49)).toThrow(
      expect.objectContaining({ code: 'price-not-payable', detail: expect.stringContaining('at least €0.50') }),
    );
    expect(cheap(50).next.price).toBe(50);
  });

  it.each([
    ['held', order],
    ['being paid', paying],
    ['sold', complete],
  ])('is refused while the ticket is %s', (_, last) => {
    expect(() => reserve({ ...asked, last })).toThrow(refused('ticket-reserved'));
  });

  it('makes the next attempt once the last one is cancelled', () => {
    expect(reserve({ ...asked, last: { ...cancelled, attempt: 4 } }).next.attempt).toBe(5);
  });
});

describe('the deadline', () => {
  it('cancels an unpaid order, and not a moment early', () => {
    expect(expire(order, before).changed).toBe(false);
    expect(snapshot(expire(order, after).next)).toMatchObject({ status: 'cancelled', reason: 'expired' });
  });

  it.each([
    ['being paid', paying],
    ['complete', complete],
    ['cancelled', cancelled],
  ])('does not change an order that is %s', (_, it) => {
    expect(expire(it, after).changed).toBe(false);
  });
});

describe('the buyer', () => {
  it('may cancel until the money is authorized', () => {
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'buyer' });
    expect(cancelByBuyer(cancelled).changed).toBe(false);
    expect(() => cancelByBuyer(paying)).toThrow(refused('order-paying'));
    expect(() => cancelByBuyer(complete)).toThrow(refused('order-complete'));
  });
});

describe('the money', () => {
  it('completes an order when it is captured, after it was authorized', () => {
    expect([order.status, paying.status, complete.status]).toEqual(['created', 'awaiting:payment', 'complete']);
  });

  it('does not change a cancelled order', () => {
    expect(holdForPayment(cancelled).changed).toBe(false);
    expect(completeOrder(cancelled).changed).toBe(false);
    expect(completeOrder(complete).changed).toBe(false);
  });

  it('cancels the order when the capture is refused', () => {
    expect(cancelUnpaid(paying).next).toMatchObject({ status: 'cancelled', reason: 'payment-failed' });
    expect(holdForPayment(cancelUnpaid(order).next).changed).toBe(false);
    expect(cancelUnpaid(complete).changed).toBe(false);
  });
});

describe('a withdrawal', () => {
  it('cancels an order, unless that is being paid or complete', () => {
    expect(cancelBySeller(order).next).toMatchObject({ status: 'cancelled', reason: 'withdrawn' });
    expect(cancelBySeller(paying).changed).toBe(false);
    expect(cancelBySeller(complete).changed).toBe(false);
  });
});

describe('an order', () => {
  const steps: Record<string, (it: Order) => Order> = {
    buyer: (it) => (it.status === 'created' ? cancelByBuyer(it).next : it),
    deadline: (it) => expire(it, after).next,
    authorized: (it) => holdForPayment(it).next,
    captured: (it) => (it.status === 'awaiting:payment' ? completeOrder(it).next : it),
    failed: (it) => cancelUnpaid(it).next,
    withdrawn: (it) => cancelBySeller(it).next,
  };

  it('is final once it is complete or cancelled, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 12 }), (names) => {
        let state = order;
        for (const name of names) {
          const next = steps[name]?.(state) ?? state;
          if (state.status === 'complete' || state.status === 'cancelled') {
            expect(next).toEqual(state);
          }
          if (next.status === 'complete') expect(['awaiting:payment', 'complete']).toContain(state.status);
          state = next;
        }
      }),
    );
  });
});

describe('a stored order', () => {
  const none = {
    sellerId: null,
    refundedAt: null,
    refunded: 0,
    refundFailedAt: null,
    dispute: null,
    paymentVersion: null,
    venue: null,
    startsAt: null,
    timeZone: null,
    tickets: null,
    places: null,
  };
  const old = Object.fromEntries(Object.entries(complete).filter(([name]) => !(name in none || name === 'showId')));

  it('is read as written, also if it is older than some of its fields', () => {
    expect(Order.parse(complete)).toEqual(complete);
    expect(Order.parse(old)).toEqual({ ...complete, ...none });
  });

  it('of a release before tickets were sold on is one whose tickets were not', () => {
    const { settled: _, ...before } = complete;
    const tickets = complete.tickets?.map(({ earlier: __, ...ticket }) => ticket) ?? null;
    expect(Order.parse({ ...before, tickets })).toEqual({ ...complete, settled: false });
    expect(complete.tickets).toMatchObject([{ earlier: [] }]);
  });

  it('of a release before orders of several tickets is announced as it was then', () => {
    const announcedThen = snapshot(Order.parse(old));
    expect(announcedThen).toEqual({
      id: complete.id,
      version: 0,
      userId: 'buyer',
      status: 'complete',
      expiresAt: complete.expiresAt,
      ticket: { id: ticket.id, title: 'Opera', price: 1500, currency: 'eur' },
      attempt: 1,
    });
    expect(ticketsOf(announcedThen)).toEqual(snapshot(complete).tickets);
    expect(totalOf(announcedThen)).toBe(1500);
    expect(lookup(Order.parse(old), now)).toEqual(lookup(complete, now));
  });

  it('is invalid with an unknown currency', () => {
    expect(Order.safeParse({ ...complete, currency: 'kwd' }).success).toBe(false);
  });
});

describe('what a complete order', () => {
  it('offers, others may claim while it has it', () => {
    const { expiresAt } = complete;
    expect(isOffered('complete', { offeredAt: expiresAt, ended: null })).toBe(true);
    expect(isOffered('complete', { offeredAt: null, ended: null })).toBe(false);
    expect(isOffered('complete', { offeredAt: expiresAt, ended: 'resold' })).toBe(false);
    expect(isOffered('created', { offeredAt: expiresAt, ended: null })).toBe(false);
  });
});

describe('an order that is announced again', () => {
  it('is announced with the event of its current status', () => {
    expect([order, paying, complete, cancelled].flatMap(current)).toEqual([
      OrderCreated,
      OrderAwaitingPayment,
      OrderCompleted,
      OrderCancelled,
    ]);
  });
});
