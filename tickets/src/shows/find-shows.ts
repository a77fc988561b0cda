import { NewInstant } from '@box-office/common/contracts/primitives';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Page } from '@box-office/common/store/page';
import { z } from 'zod';
import { searchQuery } from '../search.ts';
import { havingWords } from '../words.ts';
import type { Show } from './show.ts';
import { orderOf } from './show.ts';
import { notListed } from './views.ts';

export const ShowsQuery = searchQuery.extend({
  from: NewInstant.optional().describe('Only what begins then or later'),
  to: NewInstant.optional().describe('Only what begins earlier'),
  cursor: z
    .string()
    .regex(/^[\dTZ.:-]{24}_[0-9a-f]{24}$/, 'must be taken from Link')
    .optional()
    .describe('The last show of the page before; taken from `Link`'),
});
export type ShowsQuery = z.infer<typeof ShowsQuery>;

/** Sorts after every id. */
const afterIds = 'g';

/**
 * Shows that can be bought from or are paused, and that have not begun, soonest first. All limits are bounds of the
 * field that is sorted by, so the database reads no more than the page from its index, unless words are searched for.
 */
export async function findShows(shows: Aggregates<Show>, query: ShowsQuery, now: Date): Promise<Page<Show>> {
  const { q, from, to, cursor, limit } = query;
  const words = q ? havingWords(q) : {};
  // There was a query, but it contains no words.
  if (!words) return { items: [], next: undefined };
  const lower = [orderOf(now.toISOString(), afterIds), from ? orderOf(from, '') : '', cursor ?? ''];
  const bounds = { $gt: lower.sort().at(-1) ?? '', ...(to ? { $lt: orderOf(to, '') } : {}) };
  const found = await shows.query(
    { listed: true, order: bounds, ...words },
    { sort: { order: 1 }, limit: limit + 1, omit: notListed },
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last ? orderOf(last.startsAt, last.id) : undefined };
}
