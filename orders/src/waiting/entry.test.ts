import type { Show } from '@box-office/common/contracts/shows';
import { newId } from '@box-office/common/testing/parts';
import { beginServing, type Entry, giveUp, join, leave, orderIdFor, serve, snapshot, standingOf } from './entry.ts';
import { lookup } from './lookup.ts';

const facts = () => ({
  ...{ id: newId(), showId: newId(), kindId: newId(), kind: 'Stalls', title: 'Hamlet', quantity: 2, userId: 'anna' },
  ...{ number: 7, place: 1 },
});
const waiting = (): Entry => join(facts()).next;

describe('somebody who waits', () => {
  it('is announced without what only the line needs', () => {
    const { id, showId, kindId, ...entry } = waiting();
    expect(snapshot({ ...entry, id, showId, kindId })).toEqual({
      ...{ id, showId, kindId, version: 0, kind: 'Stalls', title: 'Hamlet', quantity: 2, userId: 'anna' },
      state: 'waiting',
    });
  });

  it('is marked before an order is made, unannounced, and only once', () => {
    const { next, announce, changed } = beginServing(waiting());
    expect([next.isTried, announce, changed]).toEqual([true, [], true]);
    expect(beginServing(next).changed).toBe(false);
  });

  const ends: [string, (entry: Entry) => { next: Entry; changed: boolean }, Partial<Entry>][] = [
    ['served', (entry) => serve(entry, orderIdFor(entry)), { state: 'served' }],
    ['left', leave, { state: 'left' }],
    ['over', (entry) => giveUp(entry, 'sale-over'), { state: 'over', reason: 'sale-over' }],
  ];
  it.each(ends)('is %s for good, and in no index of the line then', (_, end, expected) => {
    const { next, changed } = end(waiting());
    expect([next, changed]).toMatchObject([expected, true]);
    for (const [, other] of ends) expect(other(next)).toMatchObject({ next, changed: false });
    expect(beginServing(next).changed).toBe(false);
    expect(Object.values(lookup(next))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('always gets an order with the same id', () => {
    const entry = waiting();
    expect(orderIdFor(entry)).toBe(orderIdFor(beginServing(entry).next));
    expect(orderIdFor(waiting())).not.toBe(orderIdFor(entry));
  });
});

describe('the lookup of an entry', () => {
  it('sorts by who came first, also after ten thousand million', () => {
    const entry = waiting();
    const [first, second, late] = [9, 10, 9_999_999_999].map((number) => lookup({ ...entry, number }).line ?? '');
    expect([late, second, first].toSorted()).toEqual([first, second, late]);
  });

  it('sorts by how many are wanted, and then by who came first', () => {
    const entry = waiting();
    const of = (quantity: number, number: number) => lookup({ ...entry, quantity, number }).want ?? '';
    const sorted = [of(1, 9), of(2, 3), of(2, 10), of(10, 1)];
    expect(sorted.toReversed().toSorted()).toEqual(sorted);
  });
});

describe('the standing of a line', () => {
  const at = new Date('2027-01-01T12:00:00.000Z');
  const [past, future] = ['2027-01-01T11:00:00.000Z', '2027-01-01T13:00:00.000Z'];
  const kind = { id: 'k', name: 'Stalls', price: 1_500, quantity: 5, made: 5 };
  const show: Show = {
    ...{ id: 's', version: 1, userId: 'o', state: 'on-sale', title: 'Hamlet', venue: { name: 'The Globe' } },
    ...{ timeZone: 'Europe/London', startsAt: future, currency: 'eur', kinds: [kind] },
  };
  it.each([
    [{}, {}, 'serve'],
    [{ state: 'paused' }, {}, 'later'],
    [{ state: 'preparing' }, {}, 'later'],
    [{}, { salesFrom: future }, 'later'],
    [{}, { salesFrom: past, salesUntil: future }, 'serve'],
    [{ state: 'cancelled' }, {}, 'show-cancelled'],
    [{ state: 'cancelled', startsAt: past }, {}, 'show-cancelled'],
    [{ startsAt: past }, {}, 'sale-over'],
    [{ state: 'paused', startsAt: past }, {}, 'sale-over'],
    [{}, { salesUntil: past }, 'sale-over'],
    [{}, { id: 'another' }, 'sale-over'],
  ] as const)('of a show %j with a kind %j is %s', (ofShow, ofKind, expected) => {
    expect(standingOf({ ...show, ...ofShow, kinds: [{ ...kind, ...ofKind }] }, 'k', at)).toBe(expected);
  });
});
