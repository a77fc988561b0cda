import { createHash } from 'node:crypto';

/**
 * An id that follows from others, so that whoever repeats the making of something makes the same. It begins with the
 * time of the first id, as every ObjectId does.
 */
export const derivedId = (from: string, ...more: (string | number)[]): string =>
  from.slice(0, 8) +
  createHash('sha256')
    .update([from, ...more].join(':'))
    .digest('hex')
    .slice(0, 16);

/** The id of the ticket with this number, from 1, of one kind of a show. */
export const unitId = (showId: string, kindId: string, number: number): string => derivedId(showId, kindId, number);
