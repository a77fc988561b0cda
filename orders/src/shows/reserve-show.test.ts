import { OrderCreated } from '@box-office/common/contracts/orders';
import type { ProblemCode } from '@box-office/common/contracts/problem';
import type { Kind, Show } from '@box-office/common/contracts/shows';
import { refused } from '@box-office/common/testing/refused';
import { mustBeForSale, reserveUnits, type ShowReservation, seatTaken, soldOut } from './reserve-show.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const kind = (id: string, price: number): Kind => ({ id, name: 'Box', price, quantity: 9, made: 9 });
const show = (kinds: Kind[]): Show => ({
  ...{ id: 'a'.repeat(24), version: 3, userId: 'organiser', state: 'on-sale', title: 'Hamlet' },
  ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: '2026-06-01T19:00:00.000Z', currency: 'eur' },
  kinds,
});
const order = (prices: readonly number[], quantities: readonly number[]) => () =>
  mustBeForSale(
    show(prices.map((price, index) => kind(`${index}`, price))),
    new Map(quantities.map((quantity, index) => [`${index}`, quantity])),
    'buyer',
    now,
  );

describe('what the tickets of one order cost', () => {
  it.each([
    ['several of one kind', [60_000_000], [2]],
    ['kinds together', [60_000_000, 40_000_000], [1, 1]],
  ])('is at most what Stripe takes in one payment, for %s', (_, prices, quantities) => {
    expect(order(prices, quantities)).toThrow(
      expect.objectContaining({
        code: 'price-not-payable',
        detail: 'One order may cost at most €999,999.99. Choose fewer tickets.',
      }),
    );
    expect(order(prices, [1])).not.toThrow();
  });

  it('may be exactly that, for all or for one of them', () => {
    expect(order([99_999_999], [1])).not.toThrow();
    expect(order([99_999_999], [2])).toThrow(
      expect.objectContaining({ code: 'price-not-payable', detail: expect.stringContaining('Choose fewer tickets') }),
    );
  });

  it('is the organiser’s to change if not even one ticket can be paid', () => {
    const theirs = expect.objectContaining({
      ...{ code: 'price-not-payable', detail: expect.stringContaining('Until its seller changes it') },
    });
    for (const price of [49, 100_000_000]) expect(order([price], [1])).toThrow(theirs);
    expect(order([100_000_000], [2])).toThrow(theirs);
    expect(order([100_000_000, 60_000_000], [1, 1])).toThrow(theirs);
  });
});

describe('a show', () => {
  const instant = now.toISOString();
  const later = new Date(now.getTime() + 1).toISOString();
  const hall = { ...kind('0', 2500), salesFrom: instant, salesUntil: later, maxPerOrder: 2 };
  const onSale = show([hall]);
  const check = (it: Show | null, quantity = 2, kindId = '0', userId = 'buyer') =>
    mustBeForSale(it, new Map([[kindId, quantity]]), userId, now);

  it('sells tickets to anybody but its organiser', () => {
    expect(check(onSale)).toBe(onSale);
    expect(() => check(onSale, 1, '0', 'organiser')).toThrow(refused('own-ticket'));
  });

  it.each<[string, ProblemCode, string, Show | null]>([
    ['does not exist', 'not-found', 'There is no such show.', null],
    ['is cancelled', 'not-on-sale', 'The show is cancelled.', { ...onSale, state: 'cancelled', startsAt: instant }],
    ['has begun', 'show-over', 'It has already begun', { ...onSale, state: 'paused', startsAt: instant }],
    ['is paused', 'not-on-sale', 'not on sale at the moment', { ...onSale, state: 'paused' }],
    ['is being prepared', 'not-on-sale', 'not on sale at the moment', { ...onSale, state: 'preparing' }],
    ['has no such kind', 'not-found', 'no such kind', show([kind('1', 2500)])],
    ['is sold later', 'not-on-sale', '“Box” is not on sale yet.', show([{ ...hall, salesFrom: later }])],
    ['is no longer sold', 'not-on-sale', '“Box” is no longer on sale.', show([{ ...hall, salesUntil: instant }])],
    [
      ...(['gives less to one order', 'limit-reached', 'An order may have at most 1 ticket of “Box”.'] as const),
      show([{ ...hall, maxPerOrder: 1 }]),
    ],
  ])('sells nothing if it %s', (_, code, detail, it) => {
    expect(() => check(it)).toThrow(expect.objectContaining({ code, detail: expect.stringContaining(detail) }));
  });
});

describe('an order for tickets of a show', () => {
  const [hall, balcony] = [
    { ...kind('0', 2500), name: 'Hall', salesUntil: '2026-01-01T12:05:00.000Z' },
    { ...kind('1', 4000), name: 'Balcony', seats: ['B1', 'B2', 'B3'] },
  ];
  const hamlet = show([hall, balcony, { ...kind('2', 0), salesUntil: '2026-01-01T12:01:00.000Z' }]);
  const units = [
    { id: 'c'.repeat(24), kindId: '1', number: 2, attempt: 3 },
    { id: 'd'.repeat(24), kindId: '0', number: 7, attempt: 1 },
  ];
  const places = { person: [1, 2], live: 1, today: null };
  const reserved = (more: Partial<ShowReservation> = {}) =>
    reserveUnits({ id: 'b'.repeat(24), userId: 'buyer', show: hamlet, units, places, now, windowMs: 600_000, ...more });

  it('is for each of them at its price, and ends with the sale of the first', () => {
    const { next, announce } = reserved();
    expect(announce).toEqual([OrderCreated]);
    expect(next).toMatchObject({
      ...{ id: 'b'.repeat(24), userId: 'buyer', sellerId: 'organiser', showId: hamlet.id, places },
      ...{ ticketId: units[0]?.id, attempt: 3, price: 6500, currency: 'eur', expiresAt: hall.salesUntil },
      ...{ title: 'Hamlet', venue: 'The Globe', startsAt: hamlet.startsAt, timeZone: 'Europe/London' },
      tickets: [
        { ...units[0], price: 4000, kind: 'Balcony', seat: 'B2', offeredAt: null },
        { ...units[1], price: 2500, kind: 'Hall', seat: null, offeredAt: null },
      ],
    });
  });

  it('can be paid as long as any, or until the show begins', () => {
    const seats = units.slice(0, 1);
    expect(reserved({ units: seats }).next.expiresAt).toBe('2026-01-01T12:10:00.000Z');
    const soon = { ...hamlet, startsAt: '2026-01-01T12:03:00.000Z' };
    expect(reserved({ units: seats, show: soon }).next.expiresAt).toBe(soon.startsAt);
  });

  it('has at least one', () => {
    expect(() => reserved({ units: [] })).toThrow(new RangeError('an order has at least one ticket'));
  });

  it('is refused with what is left of the kinds that have too few', () => {
    const wanted = new Map([
      ['0', 3],
      ['1', 2],
    ]);
    const left = [
      { kindId: '0', left: 2 },
      { kindId: '1', left: 2 },
      { kindId: '2', left: 0 },
    ];
    const detail = 'Only 2 tickets of “Hall” left.';
    expect(soldOut(hamlet, wanted, left)).toMatchObject({ code: 'sold-out', detail, extensions: { left } });
    const none = [
      { kindId: '0', left: 0 },
      { kindId: '1', left: 1 },
    ];
    expect(soldOut(hamlet, wanted, none).detail).toBe('“Hall” is sold out. Only 1 ticket of “Balcony” left.');
  });

  it('is refused with the seats that others have', () => {
    expect(seatTaken(['B1'])).toMatchObject({
      ...{ code: 'seat-taken', detail: 'Somebody else has this seat.', extensions: { seats: ['B1'] } },
    });
    expect(seatTaken(['B1', 'B2']).detail).toBe('Somebody else has some of these seats.');
  });
});
