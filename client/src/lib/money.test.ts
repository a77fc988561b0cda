import { decimalPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import { commonCurrencies, currencyName, moneyInWords, otherCurrencies, parsePrice, priceInWords } from './money.ts';

describe('a typed price', () => {
  it.each([
    ['19.99', 'eur', 1999],
    ['0.29', 'eur', 29],
    ['12', 'eur', 1200],
    ['12.', 'eur', 1200],
    ['12.5', 'eur', 1250],
    ['12,50', 'eur', 1250],
    [' 7.00 ', 'usd', 700],
    ['1500', 'jpy', 1500],
    ['1.15', 'gbp', 115],
    ['999999.99', 'eur', 99_999_999],
    ['175', 'huf', 17_500],
    ['1500', 'isk', 150_000],
    ['0', 'eur', 0],
  ] as const)('%s %s is %d in the smallest unit', (typed, currency, amount) => {
    expect(parsePrice(typed, currency)).toBe(amount);
  });

  it.each([
    ['', 'eur'],
    ['abc', 'eur'],
    ['-5', 'eur'],
    ['1e3', 'eur'],
    ['12.345', 'eur'],
    ['1,000.00', 'eur'],
    ['.', 'eur'],
    ['0x10', 'eur'],
    ['15.5', 'jpy'],
    ['15.5', 'isk'],
  ] as const)('"%s" %s is no price', (typed, currency) => {
    expect(parsePrice(typed, currency)).toBeUndefined();
  });

  it('is shown as it was typed', () => {
    for (const amount of [1, 29, 100, 1999, 99_999_999]) {
      expect(parsePrice(decimalPrice(amount, 'eur'), 'eur')).toBe(amount);
      expect(parsePrice(decimalPrice(amount, 'jpy'), 'jpy')).toBe(amount);
      expect(parsePrice(decimalPrice(amount * 100, 'ugx'), 'ugx')).toBe(amount * 100);
    }
  });

  it('of a day may be below 0', () => {
    expect(moneyInWords(-1250, 'eur')).toBe('−€12.50');
    expect(moneyInWords(0, 'eur')).toBe('€0.00');
  });

  it('of 0 is called free', () => {
    expect(priceInWords(0, 'eur')).toBe('Free');
    expect(priceInWords(1999, 'eur')).toBe('€19.99');
  });
});

describe('the choice of currencies', () => {
  it('has each one once, the common ones first', () => {
    const all = [...commonCurrencies, ...otherCurrencies];
    expect(all.toSorted()).toEqual(Currency.options.toSorted());
    expect(all[0]).toBe('eur');
    expect(currencyName('isk')).toBe('ISK, Icelandic Króna');
  });
});
