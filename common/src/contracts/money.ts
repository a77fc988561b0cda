import { type CurrencyRules, currencies } from './currencies.ts';
import type { Currency } from './primitives.ts';

const rulesOf = (currency: Currency): CurrencyRules => currencies[currency];

export const leastPrice = (currency: Currency): number => rulesOf(currency).least;

/** Eight digits, unless Stripe's documentation names another limit. */
export function mostPrice(currency: Currency): number {
  const { most = 99_999_999, step = 1 } = rulesOf(currency);
  return most - (most % step);
}

/** How many digits of an amount are behind the decimal point. */
export const exponentOf = (currency: Currency): number => rulesOf(currency).exponent;

/** The decimals that people write: 2 for euro, 0 for yen, and 0 for króna, although Stripe counts hundredths of it. */
export const decimalsOf = (currency: Currency): number => (rulesOf(currency).step ? 0 : exponentOf(currency));

/**
 * Why this price cannot be paid, in words that continue "The price …"; undefined if it can be, or if it is 0: nobody
 * pays for what is free. Checked when a ticket is listed and when it is reserved, because Stripe would refuse only
 * after that.
 */
export function priceFault(price: number, currency: Currency): string | undefined {
  if (price === 0) return undefined;
  const { least, step = 1 } = rulesOf(currency);
  if (price < least) return `must be at least ${showPrice(least, currency)}`;
  if (price > mostPrice(currency)) return `must be at most ${showPrice(mostPrice(currency), currency)}`;
  if (price % step !== 0) return `must be a multiple of ${step}, because ${currency.toUpperCase()} has no decimals`;
  return undefined;
}

/** An amount as a decimal number: 1250 in euro is `12.50`. */
export function decimalPrice(amount: number, currency: Currency): string {
  const exponent = exponentOf(currency);
  if (exponent === 0) return `${amount}`;
  const digits = `${amount}`.padStart(exponent + 1, '0');
  const [whole, fraction] = [digits.slice(0, -exponent), digits.slice(-exponent)];
  return decimalsOf(currency) === 0 && Number(fraction) === 0 ? whole : `${whole}.${fraction}`;
}

/**
 * An amount for display: 1250 in euro is `€12.50`. The locale is fixed, so that server and browser give the same
 * result. So are the decimals: `Intl` leaves out those that a country does not use, for example in forint.
 */
export function showPrice(amount: number, currency: Currency): string {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: decimalsOf(currency),
    maximumFractionDigits: exponentOf(currency),
  });
  // Intl formats a decimal string exactly; a quotient would be rounded.
  return format.format(decimalPrice(amount, currency) as Intl.StringNumericLiteral);
}
