import { z } from 'zod';

/** Ids are MongoDB ObjectIds in their hexadecimal form. */
export const Id = z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 hexadecimal digits');

/** Rises by one with each change of an aggregate, from 0. */
export const Version = z.int().nonnegative().describe('Rises by one with each change, from 0');

/** An instant as ISO 8601 in UTC, with milliseconds. */
export const Instant = z.iso.datetime({ offset: true });

/** An amount in the smallest unit of its currency: 1500 is 15.00 EUR, or 1500 JPY. */
export const Price = z
  .int('must be a whole number, in the smallest unit of the currency')
  .min(1, 'must be at least 1')
  .max(99_999_999, 'must be at most 99999999')
  .describe('In the smallest unit of the currency: 1500 is 15.00');

/** ISO 4217, lower case as Stripe wants it. */
export const Currency = z
  .enum(['eur', 'usd', 'gbp', 'chf', 'sek', 'nok', 'dkk', 'pln', 'czk', 'jpy', 'cad', 'aud'])
  .describe('ISO 4217, lower case');
export type Currency = z.infer<typeof Currency>;
