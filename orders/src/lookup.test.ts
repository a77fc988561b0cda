import { attemptIn, claimOf, lookup, slotsOf } from './lookup.ts';
import { cancelByBuyer, cancelBySeller, completeOrder, holdForPayment, type Order } from './order.ts';
import { reserveUnits } from './shows/reserve-show.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const changedAt = new Date('2026-01-01T12:00:01.000Z');
const [id, showId, kindId] = ['a'.repeat(24), 'b'.repeat(24), 'c'.repeat(24)];

const ordered = (attempt = 1): Order =>
  reserveUnits({
    ...{ id, userId: 'anna', now, windowMs: 60_000 },
    places: { by: 'address', person: [7, 4], live: 2, today: { day: '2026-01-01', number: 3 } },
    show: {
      ...{ id: showId, version: 1, userId: 'organiser', state: 'on-sale', title: 'Hamlet', currency: 'eur' },
      ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: '2100-01-01T19:00:00.000Z' },
      kinds: [{ id: kindId, name: 'Stalls', price: 1_500, quantity: 4, made: 4 }],
    },
    units: ['1', '2'].map((it, index) => ({ id: it.repeat(24), kindId, number: index + 1, attempt })),
  }).next;
const paying = (attempt?: number): Order => holdForPayment(ordered(attempt)).next;
const complete = (attempt?: number): Order => completeOrder(ordered(attempt)).next;
const cancelled = (): Order => cancelByBuyer(ordered()).next;

const person = [7, 4].map((number) => `show:${showId}:address:${number}`);
const live = 'live:address:2';
const today = `unpaid:${showId}:address:2026-01-01:3`;

describe('the slots of an order', () => {
  it.each([
    ['to be paid', () => ordered(), [...person, live, today]],
    ['that is being paid', () => paying(), [...person, live, today]],
    ['that is complete', () => complete(), person],
    ['that its buyer has cancelled', cancelled, [today]],
    ['that its seller has withdrawn', () => cancelBySeller(ordered()).next, undefined],
  ])('%s', (_, it, slots) => {
    expect(slotsOf(it())).toEqual(slots);
    expect(lookup(it(), changedAt).slots).toEqual(slots);
  });

  it('are none without places', () => {
    expect(slotsOf({ ...ordered(), places: null })).toBeUndefined();
    expect(slotsOf({ ...ordered(), places: { person: [], live: null, today: null } })).toBeUndefined();
  });

  it('are as many as it has places, unless a ticket of it has ended', () => {
    for (const tickets of [null, ordered().tickets?.slice(0, 1) ?? null]) {
      expect(slotsOf({ ...ordered(), tickets })).toEqual([...person, live, today]);
    }
    const [first, ...others] = complete().tickets ?? [];
    const tickets = first ? [{ ...first, ended: 'resold' as const }, ...others] : [];
    expect(slotsOf({ ...complete(), tickets })).toEqual(person.slice(1));
  });

  it('are of its buyer and its ticket if it names no address and no show', () => {
    const places = { person: [], live: 1, today: { day: '2026-01-01', number: 1 } };
    expect(slotsOf({ ...ordered(), showId: null, tickets: null, places })).toEqual([
      ...['live:anna:1', `unpaid:${'1'.repeat(24)}:anna:2026-01-01:1`],
    ]);
  });
});

describe('an order', () => {
  it('is on the shelf of its show, by its last change', () => {
    expect(lookup(ordered(), changedAt).shelf).toBe(`${showId} 2026-01-01T12:00:01.000Z`);
    expect(lookup({ ...ordered(), showId: null }, changedAt).shelf).toBeUndefined();
  });

  it('is found as sold once it is complete', () => {
    expect(lookup(complete(), changedAt).sold).toBe(`organiser ${showId} ${id}`);
    const unsold = [
      { ...complete(), sellerId: null },
      { ...complete(), showId: null },
    ];
    const others = [ordered(), paying(), cancelled(), ...unsold];
    for (const it of others) expect(lookup(it, changedAt).sold).toBeUndefined();
  });

  it('that others may have had tickets of before is looked at after its deadline', () => {
    for (const it of [ordered(2), paying(2)]) {
      expect(lookup(it, changedAt).unsettled).toBe('2026-01-01T12:01:00.000Z');
    }
    for (const it of [ordered(), complete()]) expect(lookup(it, changedAt).unsettled).toBeUndefined();
    const settled = { ...complete(2), settled: true };
    expect(lookup(settled, changedAt).unsettled).toBeUndefined();
  });

  it('claims an attempt at each ticket', () => {
    const claim = claimOf({ id, attempt: 12 });
    expect(claim).toBe(`${id}:12`);
    expect(attemptIn(claim)).toEqual({ id, attempt: 12 });
    expect(lookup(ordered(2), changedAt).claims).toEqual([`${'1'.repeat(24)}:2`, `${'2'.repeat(24)}:2`]);
  });
});
