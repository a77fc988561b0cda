/** The currencies of the shop that have no smaller unit. */
const withoutDecimals: ReadonlySet<string> = new Set(['jpy']);

export function decimalsOf(currency: string): number {
  return withoutDecimals.has(currency) ? 0 : 2;
}

/**
 * Reads what a person typed as a price into the smallest unit of the currency: `12.5` in euro is 1250.
 *
 * Cuts and joins the digits instead of multiplying, so that 19.99 is 1999 and not 1998.9999999999998. A comma counts as the decimal point.
 * Returns undefined for what is no price, and for more decimals than the currency has.
 */
export function parsePrice(typed: string, currency: string): number | undefined {
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) return undefined;
  return Number(whole + fraction.padEnd(decimals, '0'));
}

/** What the price would be typed as: 1250 in euro is `12.50`. */
export function typedPrice(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return `${amount}`;
  const digits = `${amount}`.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The price as people read it: 1250 in euro is `€12.50`. The same on the server and in the browser, hence the fixed locale. */
export function showPrice(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() });
  // Intl takes a decimal string as it is; a quotient would be a rounded one.
  return format.format(typedPrice(amount, currency) as Intl.StringNumericLiteral);
}
