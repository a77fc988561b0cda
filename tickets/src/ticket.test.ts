import {
  TicketChanges,
  TicketCreated,
  TicketDetails,
  TicketUpdated,
  TicketWithdrawn,
} from '@box-office/common/contracts/tickets';
import { refused } from '@box-office/common/testing/refused';
import fc from 'fast-check';
import { current, edit, follow, Hold, list, snapshot, Ticket, withdraw } from './ticket.ts';

const id = 'a'.repeat(24);
const order = 'b'.repeat(24);
const later = 'c'.repeat(24);
const now = new Date('2026-01-01T12:00:00.000Z');
const details = TicketDetails.parse({ title: 'Opera', price: 1500 });
const ticket: Ticket = list(id, 'seller', details, now).next;
const live: Hold = { orderId: order, attempt: 1, version: 0, status: 'live', refundedAt: null };
const unpayable = expect.objectContaining({
  code: 'invalid-request',
  errors: [{ field: 'price', message: expect.stringContaining('must be at least') }],
});
const begun = expect.objectContaining({
  code: 'invalid-request',
  errors: [{ field: 'startsAt', message: 'must be in the future' }],
});
const held: Ticket = { ...ticket, version: 1, hold: live };

describe('listing a ticket', () => {
  it('puts it on sale and announces it', () => {
    const change = list(id, 'seller', details, now);
    expect(snapshot(change.next)).toMatchObject({ state: 'on-sale', orderId: null, price: 1500, currency: 'eur' });
    expect(change.announce).toEqual([TicketCreated]);
  });

  it.each([19.99, -1, 1_000_000_000, '1500', Number.NaN, null])('refuses %p as a price', (price) => {
    expect(TicketDetails.safeParse({ title: 'Opera', price }).success).toBe(false);
  });

  it.each([
    ['eur', 10],
    ['eur', 49],
    ['gbp', 29],
    ['jpy', 49],
    ['czk', 1499],
  ] as const)('refuses a price in %s that Stripe would not take: %d', (currency, price) => {
    expect(() => list(id, 'seller', { ...details, currency, price }, now)).toThrow(unpayable);
  });

  it('refuses what is more than Stripe takes, also from a program that sends no currency', () => {
    const tooMuch = expect.objectContaining({
      code: 'invalid-request',
      errors: [{ field: 'price', message: 'must be at most €999,999.99' }],
    });
    expect(() => list(id, 'seller', { ...details, price: 100_000_000 }, now)).toThrow(tooMuch);
    expect(() => list(id, 'seller', { ...details, price: 100_000_000, currency: 'eur' }, now)).toThrow(tooMuch);
    expect(list(id, 'seller', { ...details, price: 100_000_000, currency: 'idr' }, now).changed).toBe(true);
  });

  it.each([
    ['eur', 50],
    ['gbp', 30],
    ['jpy', 50],
    ['czk', 1500],
    ['krw', 50],
    ['ugx', 400_000],
  ] as const)('takes the smallest price in %s that Stripe takes: %d', (currency, price) => {
    expect(list(id, 'seller', { ...details, currency, price }, now).next).toMatchObject({ currency, price });
  });

  it.each(['eur', 'jpy', 'kes', 'isk'] as const)('for nothing is possible in %s', (currency) => {
    const free = TicketDetails.parse({ title: 'Poetry slam', price: 0, currency });
    expect(snapshot(list(id, 'seller', free, now).next)).toMatchObject({ price: 0, currency, state: 'on-sale' });
  });

  it('is refused after the start and possible until then', () => {
    const at = (ms: number) => ({ ...details, startsAt: new Date(now.getTime() + ms).toISOString() });
    expect(() => list(id, 'seller', at(-24 * 60 * 60 * 1000), now)).toThrow(begun);
    expect(() => list(id, 'seller', at(0), now)).toThrow(begun);
    expect(list(id, 'seller', at(1), now).changed).toBe(true);
  });

  it('stores the time zone, if specified', () => {
    const inBerlin = { ...details, startsAt: '2027-01-01T19:00:00.000Z', timeZone: 'Europe/Berlin' };
    expect(snapshot(list(id, 'seller', inBerlin, now).next).timeZone).toBe('Europe/Berlin');
    expect(snapshot(ticket)).not.toHaveProperty('timeZone');
  });

  it('accepts any price from a program that sends no currency', () => {
    expect(list(id, 'seller', { ...details, price: 15 }, now).next).toMatchObject({ currency: 'eur', price: 15 });
  });
});

describe('editing a ticket', () => {
  it('changes the given fields', () => {
    const change = edit(ticket, 'seller', { ...details, price: 1000 }, now);
    expect(change.next.price).toBe(1000);
    expect(change.announce).toEqual([TicketUpdated]);
  });

  it('leaves other fields unchanged', () => {
    const startsAt = '2027-01-01T20:00:00.000Z';
    const told: Ticket = { ...ticket, currency: 'jpy', venue: 'The Globe', startsAt };
    const { next } = edit(told, 'seller', TicketChanges.parse({ title: 'Operetta', price: 1800 }), now);
    expect(next).toEqual({ ...told, title: 'Operetta', price: 1800 });
    expect(edit(told, 'seller', TicketChanges.parse({ venue: null }), now).next).toEqual({ ...told, venue: null });
  });

  it('requires at least one field', () => {
    expect(TicketChanges.safeParse({}).success).toBe(false);
  });

  it('checks the price against the resulting currency', () => {
    const yen: Ticket = { ...ticket, currency: 'jpy', price: 1499 };
    expect(() => edit(yen, 'seller', { price: 49 }, now)).toThrow(unpayable);
    expect(() => edit(yen, 'seller', { currency: 'czk' }, now)).toThrow(unpayable);
    expect(() => edit(ticket, 'seller', { currency: 'eur', price: 49 }, now)).toThrow(unpayable);
    expect(edit(yen, 'seller', { currency: 'gbp', price: 30 }, now).next).toMatchObject({ currency: 'gbp', price: 30 });
  });

  it('accepts an old price below the minimum if it is not changed', () => {
    const old: Ticket = { ...ticket, currency: 'czk', price: 10 };
    expect(edit(old, 'seller', { title: 'Operetta' }, now).next).toMatchObject({ title: 'Operetta', price: 10 });
  });

  it('cannot move the start into the past, but can postpone a show that has begun', () => {
    const over: Ticket = { ...ticket, startsAt: '2025-12-31T20:00:00.000Z' };
    expect(() => edit(ticket, 'seller', { startsAt: '2025-12-31T20:00:00.000Z' }, now)).toThrow(begun);
    expect(edit(over, 'seller', { title: 'Operetta' }, now).next.title).toBe('Operetta');
    const later = '2026-02-01T20:00:00.000Z';
    expect(edit(over, 'seller', { startsAt: later }, now).next.startsAt).toBe(later);
  });

  it('is for its seller alone', () => {
    expect(() => edit(ticket, 'somebody', details, now)).toThrow(refused('not-your-ticket'));
  });

  it.each(['live', 'sold', 'offered'] as const)('is refused while an order is %s', (status) => {
    const taken = { ...held, hold: { ...live, status } };
    expect(() => edit(taken, 'seller', details, now)).toThrow(refused('ticket-reserved'));
  });

  it('is possible again after the order has ended', () => {
    const free = { ...held, hold: { ...live, status: 'ended' as const } };
    expect(edit(free, 'seller', { title: 'Operetta' }, now).next.title).toBe('Operetta');
  });

  it('is refused once it is withdrawn', () => {
    const { next } = withdraw(ticket, 'seller');
    expect(() => edit(next, 'seller', details, now)).toThrow(refused('ticket-withdrawn'));
  });
});

describe('withdrawing a ticket', () => {
  it('removes it from the shop, once', () => {
    const change = withdraw(ticket, 'seller');
    expect(snapshot(change.next).state).toBe('withdrawn');
    expect(change.announce).toEqual([TicketWithdrawn]);
    expect(withdraw(change.next, 'seller').changed).toBe(false);
  });

  it('is refused while somebody holds it', () => {
    expect(() => withdraw(held, 'seller')).toThrow(refused('ticket-reserved'));
  });

  it('is for its seller alone', () => {
    expect(() => withdraw(ticket, 'somebody')).toThrow(refused('not-your-ticket'));
  });
});

describe('a stored ticket', () => {
  it('is read as written, with and without a hold', () => {
    for (const it of [ticket, held]) expect(Ticket.parse(it)).toEqual(it);
    for (const status of ['live', 'ended', 'sold', 'offered'])
      expect(Hold.parse({ ...live, status })).toMatchObject({ status });
  });

  it('is invalid with an unknown currency or status', () => {
    expect(Ticket.safeParse({ ...ticket, currency: 'kwd' }).success).toBe(false);
    expect(Hold.safeParse({ ...live, status: 'nonsense' }).success).toBe(false);
    expect(Hold.safeParse({ ...live, status: '' }).success).toBe(false);
  });
});

describe('reserving a ticket', () => {
  it('shows the order that holds it', () => {
    expect(snapshot(follow(ticket, live).next)).toMatchObject({ state: 'reserved', orderId: order });
  });

  it('announces the withdrawal again only to an order that came too late', () => {
    const { next: gone } = withdraw(ticket, 'seller');
    expect(follow(gone, live).announce).toEqual([TicketWithdrawn]);
    expect(follow(gone, { ...live, status: 'ended' })).toMatchObject({ changed: true, announce: [] });
  });

  it.each(['live', 'ended', 'sold'] as const)('is stored and not announced: %s', (status) => {
    expect(follow(ticket, { ...live, status })).toMatchObject({ changed: true, announce: [] });
  });

  it('is no change while the same order goes on holding it', () => {
    expect(follow(held, { ...live, version: 1 }).changed).toBe(false);
    const gone = { ...held, withdrawn: true };
    expect(follow(gone, { ...live, version: 1 }).changed).toBe(false);
    expect(follow(held, { ...live, orderId: later, attempt: 2 }).changed).toBe(true);
    expect(follow(held, { ...live, version: 1, refundedAt: now.toISOString() }).changed).toBe(true);
  });

  it('frees it again when that order ends', () => {
    const { next } = follow(held, { ...live, version: 1, status: 'ended' });
    expect(snapshot(next)).toMatchObject({ state: 'on-sale', orderId: null });
  });

  it('ignores a repeated event', () => {
    expect(follow(held, live).changed).toBe(false);
  });

  it('ignores the cancellation of an earlier order', () => {
    const next: Ticket = { ...ticket, hold: { ...live, orderId: later, attempt: 2 } };
    expect(follow(next, { ...live, version: 5, status: 'ended' }).changed).toBe(false);
  });

  it('ignores the creation of an order that has already ended', () => {
    const ended: Ticket = { ...ticket, hold: { ...live, version: 1, status: 'ended' } };
    expect(follow(ended, live).changed).toBe(false);
  });

  it('announces the withdrawal again if an order comes too late', () => {
    const gone = withdraw(ticket, 'seller').next;
    const change = follow(gone, live);
    expect(change.announce).toEqual([TicketWithdrawn]);
    expect(snapshot(change.next).state).toBe('withdrawn');
  });

  it('ends in a sale if the order was being paid before the withdrawal', () => {
    const gone = withdraw(ticket, 'seller').next;
    const paid = follow(gone, { ...live, version: 2, status: 'sold' }).next;
    expect(snapshot(paid)).toMatchObject({ state: 'sold', orderId: order });
  });

  it('has the same result for events in any order and number', () => {
    const history: Hold[] = [
      live,
      { ...live, version: 1, status: 'ended' },
      { ...live, orderId: later, attempt: 2 },
      { ...live, orderId: later, attempt: 2, version: 1 },
      { ...live, orderId: later, attempt: 2, version: 2, status: 'sold' },
    ];
    const anyOrder = fc.tuple(
      fc.shuffledSubarray(history, { minLength: history.length }),
      fc.array(fc.constantFrom(...history)),
    );
    fc.assert(
      fc.property(anyOrder, ([all, repeats]) => {
        const end = [...all, ...repeats].reduce((it, hold) => follow(it, hold).next, ticket);
        expect(snapshot(end)).toMatchObject({ state: 'sold', orderId: later });
      }),
    );
  });
});

describe('a ticket that is announced again', () => {
  it.each([
    ['new', ticket, TicketCreated],
    ['changed', { ...ticket, version: 3 }, TicketUpdated],
    ['held', held, TicketUpdated],
    ['withdrawn', { ...ticket, version: 1, withdrawn: true }, TicketWithdrawn],
    ['withdrawn while an order took it', { ...held, withdrawn: true }, TicketWithdrawn],
    ['on offer', { ...held, withdrawn: true, hold: { ...live, status: 'offered' as const } }, TicketUpdated],
    ['sold after all', { ...held, withdrawn: true, hold: { ...live, status: 'sold' as const } }, TicketUpdated],
  ])('is announced with the event of its state: %s', (_, it, event) => {
    expect(current(it)).toEqual([event]);
  });
});
