import {
  afterRefusal,
  basketFault,
  basketToKeep,
  chosen,
  emptyBasket,
  isOutdated,
  keptBasket,
  nothingRefused,
  orderFor,
  refusedToo,
  totalOf,
  withCount,
  withSeat,
} from './basket.ts';
import type { KindAnswer } from './show-words.ts';

const kind: KindAnswer = { id: 'stalls', name: 'Stalls', price: 1250, quantity: 100, made: 100, left: 12 };
const kinds = [kind, { ...kind, id: 'box', name: 'Box', price: 4000, seated: true as const, maxPerOrder: 2 }];
const seat = (label: string) => ({ kindId: 'box', label });

describe('what a buyer has chosen', () => {
  const two = withCount(emptyBasket, 'stalls', 2);
  const seats = withSeat(withSeat(emptyBasket, 'a1', seat('A1')), 'a2', seat('A2'));

  it('is counted and added up', () => {
    expect([chosen(two, kinds), totalOf(two, kinds)]).toEqual([2, 2500]);
    expect([chosen(seats, kinds), totalOf(seats, kinds)]).toEqual([2, 8000]);
    expect(chosen(withSeat(seats, 'a1', null), kinds)).toBe(1);
  });

  it('becomes an order for numbers of tickets, or for seats', () => {
    expect(orderFor('show', withCount(two, 'other', 0))).toEqual({
      showId: 'show',
      lines: [{ kindId: 'stalls', quantity: 2 }],
    });
    expect(orderFor('show', seats)).toEqual({ showId: 'show', seats: ['a1', 'a2'] });
  });

  it.each([
    ['nothing', emptyBasket, undefined, /at least one/],
    ['more than one person may have', two, 1, /at most 1 ticket for this show/],
    ['more than one order may have', withSeat(seats, 'a3', seat('A3')), undefined, /at most 2 tickets of Box/],
    ['more than any order may have', withCount(emptyBasket, 'stalls', 51), undefined, /at most 50 tickets/],
    ['seats and other tickets', withCount(seats, 'stalls', 1), undefined, /one after the other/],
  ])('cannot be ordered if it is %s', (_, basket, perPerson, words) => {
    expect(basketFault(basket, kinds, perPerson)).toMatch(words);
  });

  it('can be ordered within all limits', () => {
    expect(basketFault(two, kinds, 2)).toBeUndefined();
    expect(basketFault(seats, kinds)).toBeUndefined();
  });
});

describe('a choice that others were faster with', () => {
  const refused = (code: string, more: object) => ({ status: 409, code, detail: 'Too late.', errors: [], ...more });
  const seats = ['A1', 'A2', 'A3'].reduce((held, label) => withSeat(held, label, seat(label)), emptyBasket);

  it('keeps the other seats, and names those that are taken', () => {
    const { basket, message } = afterRefusal(seats, refused('seat-taken', { seats: ['A1', 'A3'] }));
    expect([...basket.seats.keys()]).toEqual(['A2']);
    expect(message).toBe('Somebody else has just taken A1 and A3. Your other seats are still chosen.');
  });

  it('asks for other seats if all are taken', () => {
    const one = withSeat(emptyBasket, 'A1', seat('A1'));
    expect(afterRefusal(one, refused('seat-taken', { seats: ['A1'] })).message).toBe(
      'Somebody else has just taken A1. Choose other seats.',
    );
    expect(afterRefusal(one, refused('seat-taken', {})).message).toMatch(/^Too late\./);
  });

  it.each([
    [[{ kindId: 'stalls', left: 2 }], { stalls: 2, box: 1 }, 'Too late. Your choice is now what is left.'],
    [[{ kindId: 'stalls', left: 9 }], { stalls: 5, box: 1 }, 'Too late.'],
    [undefined, { stalls: 5, box: 1 }, 'Too late.'],
  ])('is cut down to what is left: %j', (left, counts, words) => {
    const basket = withCount(withCount(emptyBasket, 'stalls', 5), 'box', 1);
    const after = afterRefusal(basket, refused('sold-out', left ? { left } : {}));
    expect(after).toMatchObject({ basket: { counts }, message: words });
  });

  it('is empty if nothing is left', () => {
    const after = afterRefusal(
      withCount(emptyBasket, 'stalls', 5),
      refused('sold-out', { left: [{ kindId: 'stalls', left: 0 }] }),
    );
    expect(after).toMatchObject({ basket: { counts: { stalls: 0 } }, message: 'Too late.' });
  });
});

describe('what refusals have said', () => {
  const fault = (more: object) => ({ status: 409, code: 'sold-out', detail: 'Too late.', errors: [], ...more });
  const soldOut = refusedToo(nothingRefused, fault({ left: [{ kindId: 'stalls', left: 0 }] }), ['stalls'], 5_000);
  const both = refusedToo(soldOut, fault({ seats: ['A1'] }), [], 6_000);

  it('adds up, and the last one says of which there were too few', () => {
    expect(soldOut).toEqual({
      left: new Map([['stalls', 0]]),
      taken: new Set(),
      tooFew: new Set(['stalls']),
      atMs: 5_000,
    });
    expect(both).toEqual({ left: soldOut.left, taken: new Set(['A1']), tooFew: new Set(), atMs: 6_000 });
  });

  it('is outdated by a page that is made late enough to know what has become of it', () => {
    expect([isOutdated(both, 7_999), isOutdated(both, 8_000)]).toEqual([false, true]);
    expect(isOutdated(nothingRefused, 8_000)).toBe(false);
  });
});

describe('a choice that was kept while its buyer signed in', () => {
  const kept = (basket: unknown, most = 12, taken: string[] = []) =>
    keptBasket(JSON.parse(JSON.stringify(basket)), { kinds, mostOf: () => most, taken: new Set(taken) });
  const basket = withSeat(withCount(emptyBasket, 'stalls', 3), 'a1', seat('A1'));

  it('is the same afterwards', () => {
    expect(kept(basketToKeep(basket))).toEqual(basket);
    expect(kept(basketToKeep(emptyBasket))).toEqual(emptyBasket);
  });

  it('is cut down to what can be had now', () => {
    expect(kept(basketToKeep(basket), 2)).toEqual(withCount(basket, 'stalls', 2));
    expect(kept(basketToKeep(basket), 12, ['a1'])).toEqual(withCount(emptyBasket, 'stalls', 3));
    const others = { counts: { gone: 2, stalls: 1 }, seats: [['x', { kindId: 'gone', label: 'X' }]] };
    expect(kept(others)).toEqual(withCount(emptyBasket, 'stalls', 1));
  });

  it.each([null, 'text', [], { counts: { stalls: -1 }, seats: [] }, { counts: {}, seats: [['a', 'b']] }])(
    'is nothing if it was %j',
    (stored) => expect(kept(stored)).toBeUndefined(),
  );
});
