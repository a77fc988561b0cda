import { NewShow, numbersOf, ShowCancelled, ShowChanged, ShowPrepared } from '@box-office/common/contracts/shows';
import { derivedId } from '@box-office/common/derived-id';
import { refused } from '@box-office/common/testing/refused';
import { unitsMade } from './quantity.ts';
import {
  announce,
  cancel,
  current,
  isOver,
  isUnfinished,
  lookup,
  pause,
  resume,
  type Show,
  snapshot,
  standing,
} from './show.ts';

const id = 'a'.repeat(24);
const now = new Date('2026-01-01T12:00:00.000Z');
const details = NewShow.parse({
  title: 'Carmen',
  venue: { name: 'Arena' },
  timeZone: 'Europe/Rome',
  startsAt: '2026-06-01T19:00:00Z',
  kinds: [
    { name: 'Standing', price: 2500, quantity: 3 },
    { name: 'Balcony', price: 0, quantity: 2, seats: ['B1', 'B2'] },
  ],
});
const [first, second] = [derivedId(id, 'kind', 0), derivedId(id, 'kind', 1)];
const prepared = (): Show => announce(id, 'organiser', details, now).next;
const onSale = (): Show => unitsMade(unitsMade(prepared(), first, 3).next, second, 2).next;

describe('a show', () => {
  it('is prepared first, and its kinds have ids that follow from its own', () => {
    expect(announce(id, 'organiser', details, now).announce).toEqual([ShowPrepared]);
    expect(prepared()).toMatchObject({ state: 'preparing', kinds: [{ made: 0 }, { made: 0 }] });
    const kinds = [
      { id: first, seated: false },
      { id: second, seated: true },
    ];
    expect(prepared()).toMatchObject({ version: 0, userId: 'organiser', kinds });
    expect(announce(id, 'organiser', details, now).next).toEqual(prepared());
  });

  it('goes on sale with its last ticket, and only then others hear of them', () => {
    const some = unitsMade(prepared(), first, 2);
    expect([some.changed, some.announce, some.next.state]).toEqual([true, [], 'preparing']);
    const allOfOne = unitsMade(some.next, first, 3);
    expect([allOfOne.announce, allOfOne.next.state]).toEqual([[], 'preparing']);
    const last = unitsMade(allOfOne.next, second, 2);
    expect([last.announce, last.next.state, isUnfinished(last.next)]).toEqual([[ShowChanged], 'on-sale', false]);
  });

  it('is not announced if it cannot take place', () => {
    const past = { ...details, startsAt: now.toISOString() };
    expect(() => announce(id, 'organiser', past, now)).toThrow(refused('invalid-request'));
  });

  it('is in euros unless its organiser says otherwise', () => {
    expect(prepared().currency).toBe('eur');
    expect(announce(id, 'organiser', { ...details, currency: 'usd' }, now).next.currency).toBe('usd');
  });

  it('has no tickets of a kind that is not its own', () => {
    expect(() => unitsMade(prepared(), 'f'.repeat(24), 1)).toThrow(refused('not-found'));
  });

  it('is not set back by a process that is behind', () => {
    expect(unitsMade(onSale(), first, 2).changed).toBe(false);
    expect(unitsMade(onSale(), first, 3).changed).toBe(false);
  });

  it('can be paused and resumed by its organiser, once it is on sale', () => {
    expect(() => pause(prepared(), 'organiser')).toThrow(refused('show-preparing'));
    expect(() => pause(onSale(), 'somebody')).toThrow(refused('not-your-show'));
    const paused = pause(onSale(), 'organiser');
    expect([paused.next.state, paused.announce]).toEqual(['paused', [ShowChanged]]);
    expect(pause(paused.next, 'organiser').changed).toBe(false);
    expect(() => resume(paused.next, 'somebody')).toThrow(refused('not-your-show'));
    const resumed = resume(paused.next, 'organiser');
    expect([resumed.next.state, resumed.announce]).toEqual(['on-sale', [ShowChanged]]);
    expect(resume(onSale(), 'organiser').changed).toBe(false);
  });

  it('is cancelled for good', () => {
    expect(() => cancel(onSale(), 'somebody')).toThrow(refused('not-your-show'));
    for (const show of [prepared(), onSale(), pause(onSale(), 'organiser').next]) {
      const cancelled = cancel(show, 'organiser');
      expect([cancelled.next.state, cancelled.announce]).toEqual(['cancelled', [ShowCancelled]]);
      expect(cancel(cancelled.next, 'organiser').changed).toBe(false);
      expect(() => resume(cancelled.next, 'organiser')).toThrow(refused('show-cancelled'));
      expect(() => pause(cancelled.next, 'organiser')).toThrow(refused('show-cancelled'));
      expect(unitsMade(cancelled.next, first, 4).changed).toBe(false);
      expect(isUnfinished(cancelled.next)).toBe(false);
    }
  });

  it('is announced again as what it is', () => {
    expect(current(prepared())).toEqual([ShowPrepared]);
    expect(current(onSale())).toEqual([ShowChanged]);
    expect(current(pause(onSale(), 'organiser').next)).toEqual([ShowChanged]);
    expect(current(cancel(onSale(), 'organiser').next)).toEqual([ShowCancelled]);
    for (const [event] of [prepared(), onSale()].map(current)) event?.data.parse(snapshot(onSale()));
  });
});

describe('what others hear of a show', () => {
  it('is what is specified', () => {
    const all = {
      ...{ description: 'An opera.', endsAt: '2026-06-01T22:00:00.000Z', image: 'https://example.org/1.jpg' },
      ...{ perPerson: 4, venue: { name: 'Arena', address: 'Verona' } },
    };
    const ofKind = {
      ...{ removed: [{ first: 2, last: 2 }], maxPerOrder: 2, seats: ['B1', 'B2'] },
      ...{ salesFrom: '2026-02-01T12:00:00.000Z', salesUntil: '2026-05-01T12:00:00.000Z' },
    };
    const [kind, other] = onSale().kinds.map(({ id, name, price, quantity, made }) => ({
      id,
      name,
      price,
      quantity,
      made,
    }));
    const { id, version, userId, state, title, timeZone, startsAt, currency } = onSale();
    const facts = { id, version, userId, state, title, timeZone, startsAt, currency };
    expect(snapshot({ ...onSale(), ...all, kinds: onSale().kinds.map((it) => ({ ...it, ...ofKind })) })).toEqual({
      ...{ ...facts, ...all },
      kinds: [kind, other].map((it) => ({ ...it, ...ofKind })),
    });
    expect(snapshot(onSale())).toEqual({
      ...{ ...facts, venue: { name: 'Arena' } },
      kinds: [kind, { ...other, seats: ['B1', 'B2'] }],
    });
  });
});

describe('the lookup of a show', () => {
  it('lists what is on sale or paused, by its start', () => {
    const order = `2026-06-01T19:00:00.000Z_${id}`;
    const words = ['carmen', 'arena'];
    expect(lookup(onSale())).toEqual({ unfinished: false, listed: true, order, words });
    expect(lookup(pause(onSale(), 'organiser').next).listed).toBe(true);
    expect(lookup(prepared())).toMatchObject({ unfinished: true, listed: false });
    expect(lookup(cancel(onSale(), 'organiser').next).listed).toBe(false);
  });

  it('finds it by its address too', () => {
    const venue = { name: 'Arena', address: 'Piazza Bra' };
    expect(lookup({ ...onSale(), venue }).words).toEqual(['carmen', 'arena', 'piazza', 'bra']);
  });

  it('knows whether it has begun', () => {
    const start = Date.parse(onSale().startsAt);
    expect([start - 1, start].map((at) => isOver(onSale(), new Date(at)))).toEqual([false, true]);
  });
});

describe('the numbers of a kind', () => {
  it.each([
    [{ made: 0 }, []],
    [{ made: 3 }, [1, 2, 3]],
    [{ made: 5, removed: [{ first: 1, last: 2 }] }, [3, 4, 5]],
    [
      {
        made: 5,
        removed: [
          { first: 2, last: 2 },
          { first: 4, last: 5 },
        ],
      },
      [1, 3],
    ],
    [{ made: 2, removed: [{ first: 1, last: 2 }] }, []],
  ])('are those that were made and not removed: %j', (kind, numbers) => {
    expect([...numbersOf(kind)]).toEqual(numbers);
    const [template] = onSale().kinds;
    if (template) expect(standing({ ...template, removed: [], ...kind })).toBe(numbers.length);
  });
});
