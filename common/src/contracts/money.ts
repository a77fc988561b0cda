import type { Currency } from './primitives.ts';

/** Stripe's rules for a currency: the decimals of its main unit, and the minimum charge in its smallest unit. */
interface Charges {
  readonly decimals: 0 | 2;
  readonly least: number;
}

/** Source: docs.stripe.com/currencies, "Minimum and maximum charge amounts" and "Zero-decimal currencies". */
const charges: Readonly<Record<Currency, Charges>> = {
  eur: { decimals: 2, least: 50 },
  usd: { decimals: 2, least: 50 },
  gbp: { decimals: 2, least: 30 },
  chf: { decimals: 2, least: 50 },
  sek: { decimals: 2, least: 300 },
  nok: { decimals: 2, least: 300 },
  dkk: { decimals: 2, least: 250 },
  pln: { decimals: 2, least: 200 },
  czk: { decimals: 2, least: 1_500 },
  jpy: { decimals: 0, least: 50 },
  cad: { decimals: 2, least: 50 },
  aud: { decimals: 2, least: 50 },
};

/** Eight digits in any currency. Stripe allows more in some, but no ticket costs that much. */
export const mostPrice = 99_999_999;

export const leastPrice = (currency: Currency): number => charges[currency].least;

/** The digits after the decimal point: 2 for euro, 0 for yen. */
export const decimalsOf = (currency: Currency): number => charges[currency].decimals;

/**
 * Why this price cannot be paid, in words that continue "The price …"; undefined if it can be.
 * Checked when a ticket is listed and when it is reserved, because Stripe would refuse only after that.
 */
export function priceFault(price: number, currency: Currency): string | undefined {
  if (price < leastPrice(currency)) return `must be at least ${showPrice(leastPrice(currency), currency)}`;
  if (price > mostPrice) return `must be at most ${showPrice(mostPrice, currency)}`;
  return undefined;
}

/** An amount as a decimal number: 1250 in euro is `12.50`. */
export function decimalPrice(amount: number, currency: Currency): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return `${amount}`;
  const digits = `${amount}`.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * An amount for display: 1250 in euro is `€12.50`. The locale is fixed, so that server and browser give the same
 * result.
 */
export function showPrice(amount: number, currency: Currency): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() });
  // Intl formats a decimal string exactly; a quotient would be rounded.
  return format.format(decimalPrice(amount, currency) as Intl.StringNumericLiteral);
}
