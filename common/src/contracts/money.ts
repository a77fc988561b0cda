import type { Currency } from './primitives.ts';

/** What Stripe charges in a currency: decimals of its main unit, and the smallest amount of one charge in its smallest unit. */
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

/** Eight digits, whatever the currency. Stripe takes more in some; no ticket costs that much. */
export const mostPrice = 99_999_999;

export const leastPrice = (currency: Currency): number => charges[currency].least;

/** How many digits stand after the decimal point: 2 for euro, 0 for yen. */
export const decimalsOf = (currency: Currency): number => charges[currency].decimals;

/**
 * Why nobody could pay this price, in words that continue "The price …"; undefined when it can be paid.
 * Asked when a ticket is listed and when it is reserved, because Stripe refuses only after the buyer has waited.
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

/** An amount as people read it: 1250 in euro is `€12.50`. The same on the server and in the browser, hence the fixed locale. */
export function showPrice(amount: number, currency: Currency): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() });
  // Intl takes a decimal string as it is; a quotient would be a rounded one.
  return format.format(decimalPrice(amount, currency) as Intl.StringNumericLiteral);
}
