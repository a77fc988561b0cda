import type { mongo } from 'mongoose';
import type { Aggregates, StoredAggregate } from './aggregates.ts';
import type { Versioned } from './change.ts';
import type { Query } from './read.ts';

/** One page of a list, and the cursor of the next one, if there is one. */
export interface Page<State> {
  readonly items: readonly State[];
  readonly next: string | undefined;
}

export interface PageRequest extends Pick<Query, 'omit'> {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * The newest matching aggregates after the cursor, which is the id of the last one shown, so additions shift nothing.
 */
export async function newestFirst<State extends Versioned>(
  store: Pick<Aggregates<State>, 'query'>,
  filter: mongo.Filter<StoredAggregate>,
  { limit, cursor, omit = [] }: PageRequest,
): Promise<Page<State>> {
  const found = await store.query(
    { ...filter, ...(cursor ? { _id: { $lt: cursor } } : {}) },
    { sort: { _id: -1 }, limit: limit + 1, omit },
  );
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
}
