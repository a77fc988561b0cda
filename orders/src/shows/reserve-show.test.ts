import type { Kind, Show } from '@box-office/common/contracts/shows';
import { refused } from '@box-office/common/testing/refused';
import { mustBeForSale } from './reserve-show.ts';

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

  it('is the organiser’s to change if not even one ticket can be paid', () => {
    for (const price of [49, 100_000_000]) expect(order([price], [1])).toThrow(refused('price-not-payable'));
    expect(order([100_000_000], [2])).toThrow(refused('price-not-payable'));
  });
});
