import { z } from 'zod';
import { type CurrencyCode, currencies, threeDecimals } from './currencies.ts';

/** Ids are MongoDB ObjectIds in their hexadecimal form. */
export const Id = z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 hexadecimal digits');

/** Rises by one with each announced change of an aggregate, from 0. */
export const Version = z.int().nonnegative().describe('Rises by one with each announced change, from 0');

/**
 * An instant in ISO 8601 UTC with milliseconds, `2027-01-01T19:00:00.000Z`, so that instants compare as strings. Other
 * offsets are converted. Accepts older stored values too: a year 0, or one that leaves four digits through its offset,
 * is kept unchanged.
 */
export const Instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2027-01-01T20:00:00+01:00', abort: true })
  .overwrite(inUtc);

/** An instant in a request, in the years 1 to 9999. */
export const NewInstant = Instant.refine(
  (instant) => /^(?!0000)\d{4}-.{18}Z$/.test(instant),
  'must be in the years 1 to 9999, in UTC',
);

function inUtc(instant: string): string {
  const ms = Date.parse(instant);
  const utc = Number.isNaN(ms) ? instant : new Date(ms).toISOString();
  return /^\d/.test(utc) ? utc : instant;
}

/** A name in the IANA time zone database that `Intl` knows. */
export const TimeZone = z
  .string()
  .max(64, 'must be at most 64 characters')
  .refine(isTimeZone, 'must be a time zone of the IANA database, such as Europe/Berlin');

/** An offset such as `+01:00` is not a time zone: it does not say when the clocks change. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * An amount in the smallest unit of its currency, as Stripe counts it: 1500 is 15.00 EUR, or 1500 JPY. In ISK and UGX
 * it is a multiple of 100, and 1500 is 15. The limits of each currency are in `currencies.ts`; 0 is free.
 */
export const Price = z
  .int('must be a whole number, in the smallest unit of the currency')
  .min(0, 'must be 0 or more')
  .max(999_999_999, 'must be at most 999999999')
  .describe('In the smallest unit of the currency: 1500 is 15.00; 0 is free');

/** An amount that is paid: never 0. */
export const Charge = Price.min(1, 'must be at least 1').describe(
  'In the smallest unit of the currency: 1500 is 15.00',
);

// Object.keys forgets the type of its keys.
const codes = Object.keys(currencies) as CurrencyCode[];

/** ISO 4217 in lower case, as Stripe requires. */
export const Currency = z.enum(codes, { error: ({ input }) => currencyFault(input) }).describe('ISO 4217, lower case');
export type Currency = z.infer<typeof Currency>;

function currencyFault(input: unknown): string {
  const code = String(input).toLowerCase();
  if (threeDecimals.includes(code)) return 'has three decimals, which this platform does not support';
  if (Object.hasOwn(currencies, code)) return `must be in lower case: ${code}`;
  return 'must be the code of a currency that Stripe takes, such as eur';
}
