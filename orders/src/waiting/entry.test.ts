import { randomBytes } from 'node:crypto';
import type { EventContract } from '@box-office/common/contracts/event';
import type { Show } from '@box-office/common/contracts/shows';
import {
  type WaitingEntry,
  WaitingJoined,
  WaitingLeft,
  WaitingOver,
  WaitingServed,
} from '@box-office/common/contracts/waiting';
import { derivedId } from '@box-office/common/derived-id';
import type { Change } from '@box-office/common/store/change';
import { beginServing, current, Entry, giveUp, join, leave, orderIdFor, serve, snapshot, standingOf } from './entry.ts';
import { lookup } from './lookup.ts';

const newId = () => randomBytes(12).toString('hex');
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
    expect(snapshot({ ...entry, id, showId, kindId, reason: 'sale-over', orderId: id })).toMatchObject({
      ...{ reason: 'sale-over', orderId: id },
    });
  });

  it('is stored as it joined', () => {
    const entry = waiting();
    expect(entry).toMatchObject({
      version: 0,
      by: null,
      state: 'waiting',
      reason: null,
      orderId: null,
      isTried: false,
    });
    expect(Entry.parse(entry)).toEqual(entry);
    expect(join({ ...facts(), by: 'address' }).next.by).toBe('address');
  });

  it('is announced as what it is', () => {
    expect(join(facts()).announce).toEqual([WaitingJoined]);
    const entry = waiting();
    const all = [entry, serve(entry, entry.id).next, leave(entry).next, giveUp(entry, 'sale-over').next];
    expect(all.flatMap(current)).toEqual([WaitingJoined, WaitingServed, WaitingLeft, WaitingOver]);
  });

  it('is marked before an order is made, unannounced, and only once', () => {
    const { next, announce, changed } = beginServing(waiting());
    expect([next.isTried, announce, changed]).toEqual([true, [], true]);
    expect(beginServing(next).changed).toBe(false);
  });

  const orderId = newId();
  const ends: [string, (entry: Entry) => Change<Entry>, Partial<Entry>, EventContract<WaitingEntry>][] = [
    ['served', (entry) => serve(entry, orderId), { state: 'served', orderId }, WaitingServed],
    ['left', leave, { state: 'left' }, WaitingLeft],
    ['over', (entry) => giveUp(entry, 'sale-over'), { state: 'over', reason: 'sale-over' }, WaitingOver],
  ];
  it.each(ends)('is %s for good, and in no index of the line then', (_, end, expected, event) => {
    const { next, changed, announce } = end(waiting());
    expect([next, changed, announce]).toMatchObject([expected, true, [event]]);
    for (const [, other] of ends) expect(other(next)).toMatchObject({ next, changed: false });
    expect(beginServing(next).changed).toBe(false);
    expect(Object.values(lookup(next))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('always gets an order with the same id', () => {
    const entry = waiting();
    expect(orderIdFor(entry)).toBe(derivedId(entry.id, 'order', 0));
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
  const [past, future, present] = ['2027-01-01T11:00:00.000Z', '2027-01-01T13:00:00.000Z', at.toISOString()];
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
    [{}, { salesFrom: present }, 'serve'],
    [{}, { salesUntil: present }, 'sale-over'],
    [{ state: 'paused' }, { salesFrom: past }, 'later'],
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
