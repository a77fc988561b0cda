import { decimalsOf, exponentOf, showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';

/**
 * Parses a typed price into the smallest unit of the currency: `12.5` in euro is 1250.
 *
 * Joins the digits instead of multiplying, so that 19.99 is 1999 and not 1998.9999999999998. A comma counts as a
 * decimal point. Returns undefined if it is not a price or has more decimals than the currency.
 */
export function parsePrice(typed: string, currency: Currency): number | undefined {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > decimalsOf(currency)) return undefined;
  return Number(whole + fraction.padEnd(exponentOf(currency), '0'));
}

/** A price for display. */
export const priceInWords = (price: number, currency: Currency): string =>
  price === 0 ? 'Free' : showPrice(price, currency);

/** An amount for display that may be below 0, as on a day with more refunds than sales. */
export const moneyInWords = (amount: number, currency: Currency): string =>
  `${amount < 0 ? '−' : ''}${showPrice(Math.abs(amount), currency)}`;

/** The first ones in a list of currencies. */
export const commonCurrencies: readonly Currency[] = [
  'eur',
  'usd',
  'gbp',
  'chf',
  'sek',
  'nok',
  'dkk',
  'pln',
  'czk',
  'jpy',
  'cad',
  'aud',
];

export const otherCurrencies: readonly Currency[] = Currency.options
  .filter((code) => !commonCurrencies.includes(code))
  .sort();

/** `EUR, Euro` */
export const currencyName = (currency: Currency): string => {
  const code = currency.toUpperCase();
  return `${code}, ${names.of(code) ?? code}`;
};

const names = new Intl.DisplayNames('en', { type: 'currency' });
