import { hasBegun } from '@box-office/common/contracts/begun';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Page } from '@box-office/common/store/page';
import { isFree } from './lookup.ts';
import type { Ticket } from './ticket.ts';
import type { Windows } from './windows.ts';
import { beginning, hasWords, wordsOf } from './words.ts';

export interface ListedQuery {
  readonly q: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ListedParts {
  readonly tickets: Pick<Aggregates<Ticket>, 'query'>;
  readonly windows: Windows;
  readonly now: () => Date;
}

/** How many tickets a request may read; beyond it, the page ends before it is full. */
const readAtMost = 2_000;
/** How many it reads at a time, at least, so that short pages do not take many commands. */
const readTogether = 50;

/**
 * Tickets on sale, newest first, that have a word beginning with each word of `q`.
 *
 * The index gives those with the beginning of one word, in order. They are read in windows, each of them small: the
 * bundled database reads all that a filter matches before it sorts and limits, and answers nobody meanwhile.
 *
 * A page has fewer than `limit` tickets, or none, though there is a next one, if it was not full after 2,000 tickets.
 */
export async function findListed(
  { q, limit, cursor }: ListedQuery,
  { tickets, windows, now }: ListedParts,
): Promise<Page<Ticket>> {
  const words = wordsOf(q);
  // There was a query, but it contains no words.
  if (q && words.length === 0) return { items: [], next: undefined };
  const listed = words.map(beginning).reduce((longest, it) => (it.length > longest.length ? it : longest), '');
  const found: Ticket[] = [];
  const together = Math.max(limit, readTogether);
  let above = cursor;
  for (let [span, read] = [1, 0]; ; ) {
    const floor = windows.floorOf(above, span);
    const range = { ...(above && { $lt: above }), ...(floor && { $gte: floor }) };
    const more = await tickets.query({ listed, ...(above || floor ? { _id: range } : {}) }, newest(together + 1));
    const last = more.at(-1);
    // An earlier release leaves a ticket in the index that it holds.
    found.push(...more.filter((it) => isFree(it) && hasWords(it, words) && !hasBegun(it, now())));
    read += more.length;
    if (more.length > together && last) {
      windows.split(last.id);
      [above, span] = [last.id, 1];
    } else {
      [above, span] = [floor, span * 4];
    }
    if (found.length > limit) return { items: found.slice(0, limit), next: found[limit - 1]?.id };
    if (above === undefined || read >= readAtMost) return { items: found, next: above };
  }
}

const newest = (limit: number) => ({ sort: { _id: -1 }, limit }) as const;
