import { decimalsOf, leastPrice, mostPrice, priceFault, showPrice } from './money.ts';
import { Currency } from './primitives.ts';

describe('a price', () => {
  it.each([
    ['eur', 49, 'must be at least €0.50'],
    ['gbp', 29, 'must be at least £0.30'],
    ['jpy', 49, 'must be at least ¥50'],
    ['czk', 1499, 'must be at least CZK 15.00'],
    ['usd', 100_000_000, 'must be at most $999,999.99'],
  ] as const)('in %s of %d cannot be paid, and the reason is told in people’s words', (currency, price, words) => {
    expect(priceFault(price, currency)?.replace('\u00a0', ' ')).toBe(words);
  });

  it.each(Currency.options)('in %s can be paid from the minimum to the maximum, and not beyond', (currency) => {
    expect(priceFault(leastPrice(currency), currency)).toBeUndefined();
    expect(priceFault(mostPrice, currency)).toBeUndefined();
    expect(priceFault(leastPrice(currency) - 1, currency)).toBeDefined();
    expect(priceFault(mostPrice + 1, currency)).toBeDefined();
  });

  it('is shown with the sign of its currency', () => {
    expect(showPrice(1250, 'eur')).toBe('€12.50');
    expect(showPrice(1500, 'jpy')).toBe('¥1,500');
    expect(showPrice(5, 'usd')).toBe('$0.05');
  });

  it.each(Currency.options)('in %s is shown with the decimals that its currency has', (currency) => {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    expect(decimalsOf(currency)).toBe(maximumFractionDigits);
    expect(showPrice(1234, currency)).toContain(decimalsOf(currency) === 0 ? '1,234' : '12.34');
  });
});
