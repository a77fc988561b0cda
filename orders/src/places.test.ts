import { refused } from '@box-office/common/testing/refused';
import {
  type Limits,
  liveSlot,
  type Places,
  personSlot,
  placesFor,
  type Request,
  slotsFor,
  todaySlot,
} from './places.ts';

const now = new Date('2026-01-01T23:59:59.999Z');
const day = '2026-01-01';
const request: Request = { by: 'anna', of: 'show', quantity: 2, perPerson: 4, isFree: false, now };
const limits: Limits = { liveOrders: 3, unpaidPerDay: 2 };
const taken = (...slots: string[]) => new Set(slots);
const ask = (more: Partial<Request> = {}, slots: ReadonlySet<string> = taken(), within: Limits = limits): Places =>
  placesFor({ ...request, ...more }, within, slots);
const rising = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);
const limitOf = (detail: string) => expect.objectContaining({ code: 'limit-reached', detail });

describe('the slots that limit a request', () => {
  it('are those of the person, of their orders to pay, and of the day', () => {
    expect(slotsFor(request, limits)).toEqual([
      ...[1, 2, 3, 4].map((number) => `show:show:anna:${number}`),
      ...['live:anna:1', 'live:anna:2', 'live:anna:3'],
      ...['unpaid:show:anna:2026-01-01:1', 'unpaid:show:anna:2026-01-01:2'],
    ]);
  });

  it('are only those of the person if nothing has to be paid', () => {
    expect(slotsFor({ ...request, perPerson: 1, isFree: true }, limits)).toEqual([personSlot('show', 'anna', 1)]);
  });

  it('are none for any number, and a thousand of a person at most', () => {
    expect(slotsFor({ ...request, perPerson: null }, { liveOrders: 0, unpaidPerDay: 0 })).toEqual([]);
    expect(slotsFor({ ...request, perPerson: 5_000, isFree: true }, limits)).toHaveLength(1_000);
  });
});

describe('the places of an order', () => {
  it('are one for each ticket, one among the orders to pay, and one of the day', () => {
    const { person, live, today, by } = ask();
    expect([by, person.length, new Set(person).size]).toEqual(['anna', 2, 2]);
    for (const number of person) expect([1, 2, 3, 4]).toContain(number);
    expect([1, 2, 3]).toContain(live);
    expect(today?.day).toBe(day);
    expect([1, 2]).toContain(today?.number);
  });

  it('are those that nobody has taken', () => {
    const others = [personSlot('show', 'ben', 2), personSlot('other', 'anna', 2), liveSlot('ben', 2)];
    const slots = taken(
      ...[personSlot('show', 'anna', 1), personSlot('show', 'anna', 3), liveSlot('anna', 1), liveSlot('anna', 3)],
      ...[todaySlot('show', 'anna', day, 1), todaySlot('show', 'anna', '2026-01-02', 2), ...others],
    );
    const { person, ...places } = ask({}, slots);
    expect(rising(person)).toEqual([2, 4]);
    expect(places).toEqual({ by: 'anna', live: 2, today: { day, number: 2 } });
  });

  it('are random, so that two requests at once rarely take the same', () => {
    const many = Array.from({ length: 300 }, () => ask({ quantity: 1 }));
    expect(rising([...new Set(many.flatMap(({ person }) => person))])).toEqual([1, 2, 3, 4]);
    expect(rising([...new Set(many.map(({ live }) => live ?? 0))])).toEqual([1, 2, 3]);
    expect(rising([...new Set(many.map(({ today }) => today?.number ?? 0))])).toEqual([1, 2]);
  });

  it('are only those of the person if nothing has to be paid', () => {
    const all = taken(...[1, 2, 3].map((number) => liveSlot('anna', number)));
    expect(ask({ isFree: true, quantity: 1, perPerson: 1 }, all)).toEqual({
      ...{ by: 'anna', person: [1], live: null, today: null },
    });
  });

  it('are none for any number', () => {
    expect(ask({ perPerson: null, quantity: 50 }, taken(), { liveOrders: 0, unpaidPerDay: 0 })).toEqual({
      ...{ by: 'anna', person: [], live: null, today: null },
    });
  });
});

describe('a request beyond a limit', () => {
  it('is refused if one person would have too many tickets of a show', () => {
    expect(ask({ quantity: 4 }).person).toHaveLength(4);
    expect(() => ask({ quantity: 5 })).toThrow(limitOf('One person may have at most 4 tickets of this show.'));
    expect(() => ask({ perPerson: 1 })).toThrow(limitOf('One person may have at most 1 ticket of this show.'));
    expect(() => ask({ quantity: 1 }, taken(...slotsFor(request, limits)))).toThrow(refused('limit-reached'));
  });

  it('is refused while too many orders wait to be paid', () => {
    const all = taken(...[1, 2, 3].map((number) => liveSlot('anna', number)));
    const detail = 'You already have 3 orders to pay. Pay or cancel one of them first.';
    expect(() => ask({}, all)).toThrow(limitOf(detail));
  });

  it('is refused after too many on one day that were not paid', () => {
    const all = taken(...[1, 2].map((number) => todaySlot('show', 'anna', day, number)));
    const detail = 'You have reserved this 2 times today without paying. Try again tomorrow.';
    expect(() => ask({}, all)).toThrow(limitOf(detail));
    expect(ask({ now: new Date(now.getTime() + 1) }, all).today?.day).toBe('2026-01-02');
  });
});
