import type { Collection } from './ledger.ts';
import type { ListParams } from './params.ts';
import { noSuch } from './refusal.ts';
import { expand, type View, type Viewer } from './views.ts';

/** One page of a list, newest first. */
export function page<T extends { id: string; created: number }>(
  rows: Collection<T>,
  given: ListParams,
  wanted: (row: T) => boolean,
  show: (row: T) => View,
  url: string,
  viewer: Viewer,
): View {
  const { limit, starting_after: after, created } = given;
  if (after !== undefined && rows.get(after) === undefined) throw noSuch('object', after, 'starting_after');
  const range = typeof created === 'number' ? { gte: created, lte: created } : (created ?? {});
  const { gt = -1, gte = 0, lt = Infinity, lte = Infinity } = range;
  const found: T[] = [];
  for (const row of rows.newestFirst(after)) {
    // The clock never goes back, so the first one that is too old ends the search.
    if (row.created <= gt || row.created < gte) break;
    if (row.created >= lt || row.created > lte || !wanted(row)) continue;
    found.push(row);
    if (found.length > limit) break;
  }
  const list = {
    object: 'list',
    data: found.slice(0, limit).map(show),
    has_more: found.length > limit,
    url,
  };
  return expand(list, given.expand ?? [], viewer);
}

/** `payment_intent.*` stands for all that begin so. */
export function isType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
