import { currencies, threeDecimals } from './currencies.ts';
import { decimalPrice, decimalsOf, exponentOf, leastPrice, mostPrice, priceFault, showPrice } from './money.ts';
import { Charge, Currency, Price } from './primitives.ts';

const known = Intl.supportedValuesOf('currency').map((code) => code.toLowerCase());
const decimalsToIntl = (currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
/** Stripe counts their hundredths, and ISO 4217 names them, but Intl does not show them because nobody uses them. */
const hundredthsUnused = ['afn', 'all', 'cop', 'huf', 'idr', 'lak', 'lbp', 'mmk', 'pkr', 'sos', 'yer'];

describe('a price', () => {
  it.each([
    ['eur', 49, 'must be at least €0.50'],
    ['gbp', 29, 'must be at least £0.30'],
    ['jpy', 49, 'must be at least ¥50'],
    ['czk', 1499, 'must be at least CZK 15.00'],
    ['huf', 17_499, 'must be at least HUF 175.00'],
    ['kes', 14_999, 'must be at least KES 150.00'],
    ['usd', 100_000_000, 'must be at most $999,999.99'],
    ['idr', 1_000_000_000, 'must be at most IDR 9,999,999.99'],
    ['isk', 100_000_000, 'must be at most ISK 999,999'],
    ['isk', 150_050, 'must be a multiple of 100, because ISK has no decimals'],
    ['ugx', 400_001, 'must be a multiple of 100, because UGX has no decimals'],
  ] as const)('in %s of %d cannot be paid, and the reason is told in people’s words', (currency, price, words) => {
    expect(priceFault(price, currency)?.replace('\u00a0', ' ')).toBe(words);
  });

  it.each(Currency.options)('in %s can be paid from the minimum to the maximum, and not beyond', (currency) => {
    expect(priceFault(leastPrice(currency), currency)).toBeUndefined();
    expect(priceFault(mostPrice(currency), currency)).toBeUndefined();
    expect(priceFault(leastPrice(currency) - 1, currency)).toBeDefined();
    expect(priceFault(mostPrice(currency) + 1, currency)).toBeDefined();
    expect(Price.safeParse(mostPrice(currency)).success).toBe(true);
  });

  it.each(Currency.options)('of 0 in %s is free, so nothing has to be paid', (currency) => {
    expect(priceFault(0, currency)).toBeUndefined();
    expect(Price.parse(0)).toBe(0);
    expect(Charge.safeParse(0).success).toBe(false);
  });

  it('is shown with the sign of its currency', () => {
    expect(showPrice(1250, 'eur')).toBe('€12.50');
    expect(showPrice(1500, 'jpy')).toBe('¥1,500');
    expect(showPrice(5, 'usd')).toBe('$0.05');
    expect(showPrice(1250, 'huf').replace('\u00a0', ' ')).toBe('HUF 12.50');
    expect(showPrice(150_000, 'isk').replace('\u00a0', ' ')).toBe('ISK 1,500');
  });

  it('that was stored with a fraction of a króna is shown as it is', () => {
    expect(decimalPrice(150_050, 'isk')).toBe('1500.50');
    expect(showPrice(150_050, 'isk').replace('\u00a0', ' ')).toBe('ISK 1,500.5');
  });

  it.each(Currency.options)('in %s is shown with the decimals that its currency has', (currency) => {
    const decimals = hundredthsUnused.includes(currency) ? 2 : decimalsToIntl(currency);
    expect(decimalsOf(currency)).toBe(decimals);
    expect(decimalPrice(10 ** exponentOf(currency), currency)).toBe(decimals === 0 ? '1' : '1.00');
    expect(showPrice(1234 * 10 ** exponentOf(currency), currency)).toMatch(decimals === 0 ? /1,234$/ : /1,234\.00$/);
  });
});

describe('a currency', () => {
  it.each(Currency.options)('%s is one of ISO 4217', (currency) => {
    expect(known).toContain(currency);
  });

  it.each(threeDecimals)('%s is refused in words', (code) => {
    const words = 'has three decimals, which this platform does not support';
    expect(Currency.safeParse(code).error?.issues[0]?.message).toBe(words);
    expect(Currency.safeParse(code.toUpperCase()).error?.issues[0]?.message).toBe(words);
  });

  it('with three decimals is never taken', () => {
    const three = known.filter((code) => decimalsToIntl(code) === 3);
    expect(threeDecimals).toEqual(expect.arrayContaining(three));
    expect(threeDecimals.filter((code) => Object.hasOwn(currencies, code))).toEqual([]);
  });

  it.each([
    ['EUR', 'must be in lower case: eur'],
    ['Jpy', 'must be in lower case: jpy'],
    ['btc', 'must be the code of a currency that Stripe takes, such as eur'],
    ['constructor', 'must be the code of a currency that Stripe takes, such as eur'],
    ['', 'must be the code of a currency that Stripe takes, such as eur'],
    [null, 'must be the code of a currency that Stripe takes, such as eur'],
    [978, 'must be the code of a currency that Stripe takes, such as eur'],
  ])('%j is refused in words', (code, words) => {
    expect(Currency.safeParse(code).error?.issues[0]?.message).toBe(words);
  });
});
