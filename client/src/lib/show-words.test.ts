import { ListedShow, ShowAnswer } from '@box-office/common/contracts/shows';
import {
  aboutKind,
  type KindAnswer,
  mostOf,
  priceRange,
  type Sale,
  stateOf,
  whyClosed,
  whyNoMore,
  whyNot,
} from './show-words.ts';

const kind: KindAnswer = { id: 'b'.repeat(24), name: 'Stalls', price: 1250, quantity: 100, made: 100, left: 12 };
const sale: Sale = { state: 'on-sale', timeZone: 'Europe/Berlin' };
const now = Date.parse('2027-01-01T12:00:00Z');

describe('a kind of tickets', () => {
  it.each([
    [
      'nobody sells them yet',
      { salesFrom: '2027-01-02T12:00:00.000Z' },
      'On sale from Sat, 2 Jan 2027, 13:00, Berlin time (GMT+1)',
    ],
    ['their sale has ended', { salesUntil: '2027-01-01T12:00:00.000Z' }, 'Sale has ended'],
    ['none is left', { left: 0 }, 'Sold out'],
    [
      'they can be bought',
      { salesFrom: '2027-01-01T12:00:00.000Z', salesUntil: '2027-01-01T12:00:01.000Z' },
      undefined,
    ],
  ])('says when %s', (_, more, words) => {
    expect(whyNot({ ...kind, ...more }, sale, now)).toBe(words);
  });

  it('is limited by what is left, by order and by person, whichever is least', () => {
    expect(mostOf(kind, sale)).toBe(12);
    expect(mostOf({ ...kind, maxPerOrder: 6 }, sale)).toBe(6);
    expect(mostOf({ ...kind, maxPerOrder: 6 }, { ...sale, perPerson: 4 })).toBe(4);
  });

  it('says why nobody can have more', () => {
    expect(whyNoMore(kind, sale)).toBe('Only 12 left.');
    expect(whyNoMore({ ...kind, maxPerOrder: 6 }, sale)).toBe('One order may have at most 6 tickets of Stalls.');
    expect(whyNoMore({ ...kind, maxPerOrder: 6 }, { ...sale, perPerson: 4 })).toBe(
      'One person may have at most 4 tickets.',
    );
    expect(whyNoMore({ ...kind, left: 90 }, sale)).toBe('One order may have at most 50 tickets.');
  });

  it('tells what a buyer should know', () => {
    expect(aboutKind(kind, sale)).toBe('12 left');
    expect(aboutKind({ ...kind, maxPerOrder: 6, salesUntil: '2027-07-01T10:00:00.000Z' }, sale)).toBe(
      '12 left, at most 6 per order, on sale until Thu, 1 Jul 2027, 12:00, Berlin time (GMT+2)',
    );
  });
});

describe('a show', () => {
  it.each([
    [{ state: 'on-sale' as const }, 'On sale', undefined],
    [{ state: 'on-sale' as const, soldOut: true as const }, 'Sold out', undefined],
    [{ state: 'on-sale' as const, over: true as const }, 'Over', /has begun/],
    [{ state: 'paused' as const }, 'Paused', /paused/],
    [{ state: 'preparing' as const }, 'Being prepared', /prepared/],
    [{ state: 'cancelled' as const, over: true as const }, 'Cancelled', /cancelled/],
  ])('that is %j is called "%s"', (show, word, sentence) => {
    expect(stateOf(show)).toBe(word);
    if (sentence) expect(whyClosed(show)).toMatch(sentence);
    else expect(whyClosed(show)).toBeUndefined();
  });

  it('is called the same in a list as on its own page', () => {
    const answer = {
      ...{ id: 'a'.repeat(24), version: 2, userId: 'organiser', title: 'Carmen', venue: { name: 'Arena' } },
      ...{ state: 'on-sale', timeZone: 'Europe/Rome', startsAt: '2026-06-01T19:00:00.000Z', currency: 'eur' },
      kinds: [kind],
    };
    const words = [
      [{ over: true }, 'Over'],
      [{ soldOut: true }, 'Sold out'],
    ] as const;
    for (const [more, word] of words) {
      const [inList, onItsPage] = [ListedShow, ShowAnswer].map((shape) => shape.parse({ ...answer, ...more }));
      expect([inList, onItsPage].map((seen) => seen && stateOf(seen))).toEqual([word, word]);
    }
  });

  it.each([
    [[1000], '€10.00'],
    [[4000, 1000, 2500], '€10.00 to €40.00'],
    [[0], 'Free'],
    [[0, 1000], 'Free to €10.00'],
  ])('with prices of %j costs %s', (prices, words) => {
    expect(
      priceRange(
        prices.map((price) => ({ price })),
        'eur',
      ),
    ).toBe(words);
  });
});
