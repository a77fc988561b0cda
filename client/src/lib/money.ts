import { decimalsOf } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';

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
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) return undefined;
  return Number(whole + fraction.padEnd(decimals, '0'));
}
