import { Show } from '@box-office/common/contracts/shows';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { type Copies, type CopiesOptions, copies } from '@box-office/common/store/copies';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';

/** This service's copy of the shows, from what tickets last announced. */
export type KnownShows = Copies<Show>;

export const knownShows = (options: CopiesOptions): KnownShows =>
  copies({ collection: 'known-shows', data: Show, indexes: [{ state: 1, startsAt: 1 }] }, options);

/** How many shows are remembered; one with 50,000 seats takes 2 MB. */
const remembered = 20;

/**
 * The same copies, but a show that was asked for before is read again only if its stored version is another: a show
 * with many seats is large, and each of its orders needs it.
 */
export function rememberedShows(known: AwaitedCopies<Show>, connection: Connection): AwaitedCopies<Show> {
  const documents = collectionOf<{ _id: string; version: number }>(connection, 'known-shows');
  /** The one asked for last is the last one. */
  const shows = new Map<string, Show>();

  async function find(id: string): Promise<Show | null> {
    const before = shows.get(id);
    if (before) {
      const stored = await documents.findOne({ _id: id }, { projection: { version: 1 } });
      if (stored?.version === before.version) return before;
    }
    return known.find(id);
  }

  return {
    async find(id) {
      const show = await find(id);
      shows.delete(id);
      if (show) shows.set(id, show);
      const [oldest] = shows.keys();
      if (shows.size > remembered && oldest !== undefined) shows.delete(oldest);
      return show;
    },
  };
}
