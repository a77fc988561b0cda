import { createFairQueue } from '@box-office/common/fair-queue';
import { pageQuery } from '@box-office/common/http/paging';
import { z } from 'zod';

/** The query of a public list: a page of it, and words to search for. See `wordsOf`. */
export const searchQuery = pageQuery(20).extend({
  q: z
    .string()
    .trim()
    .max(200)
    .default('')
    .describe('Words, or beginnings of words, in title and venue; case and accents are ignored'),
});

/** Lists that a process reads at a time. The database answers everybody else too. */
const readAtOnce = 2;

/** Reads a public list for a caller's address, which waits for a turn. */
export type ReadInTurn = <Result>(address: string, read: () => Promise<Result>) => Promise<Result>;

/**
 * Reads few public lists at a time, in fair turns for addresses; people who look at the shop's pages share its address.
 *
 * A full queue refuses with 503 `too-busy`.
 */
export function listsInTurn(): ReadInTurn {
  const why = 'Too many people are looking for tickets right now.';
  const { run } = createFairQueue({ atOnce: readAtOnce, waitingAtMost: 100, why });
  return (address, read) => run({ account: address, address }, read);
}
