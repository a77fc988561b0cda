import DataLoader from 'dataloader';
import type { Connection, mongo } from 'mongoose';
import type { z } from 'zod';
import type { Snapshot } from '../contracts/event.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { collectionOf } from './mongo.ts';
import { reader, type StoredDocument } from './read.ts';
import { reportUnreadable, type StoreLog } from './unreadable.ts';

/**
 * The result of taking a snapshot: stored now; already stored, so this may be a retry after a crash; or overtaken by a
 * newer one, whose listener does everything that is left to do.
 */
export type Taken = 'now' | 'already' | 'overtaken';

/** A service's copy of what another service owns: read here, changed only by that service's announcements. */
export interface Copies<Data extends Snapshot> {
  /** @throws UnreadableDocument */
  find(id: string): Promise<Data | null>;
  /** Matching copies. Unreadable ones are logged and left out. */
  query(filter: mongo.Filter<StoredDocument>, limit: number): Promise<Data[]>;
  /**
   * Stores a snapshot if it is newer than the stored one, in one conditional upsert.
   * Repeated, late and skipped messages need no special case: an older version changes nothing, a newer one replaces
   * everything.
   */
  take(snapshot: Data): Promise<Taken>;
  /**
   * Registers a callback that receives the id of each snapshot this process takes, whatever the result, and the copy if
   * it was stored now.
   */
  onTaken(notify: (id: string, copy?: Data) => void): void;
  prepare(): Promise<void>;
}

export interface CopiesOptions extends StoreLog {
  readonly connection: Connection;
}

export function copies<Data extends Snapshot>(
  kind: { collection: string; data: z.ZodType<Data>; indexes?: readonly Record<string, 1 | -1>[] },
  { connection, logger, metrics }: CopiesOptions,
): Copies<Data> {
  const documents = collectionOf<StoredDocument>(connection, kind.collection);
  const reading = reader({
    documents,
    read: ({ _id, ...fields }) => kind.data.safeParse({ id: _id, ...fields }),
    unreadable: reportUnreadable(kind.collection, { logger, ...(metrics && { metrics }) }),
  });
  /**
   * Whether the last snapshot was already known. Known snapshots usually come in runs, from a re-created consumer or a
   * stream that is announced again, and checking is 5 times faster (measured) than a write that changes nothing.
   * Concurrent checks are batched into one query.
   */
  let receivesOldNews = false;
  const heldVersions = new DataLoader<string, number | undefined>(
    async (ids) => {
      const held = await documents.find({ _id: { $in: ids } }, { projection: { version: 1 } }).toArray();
      const versions = new Map<string, number>(held.map(({ _id, version }) => [_id, version]));
      return ids.map((id) => versions.get(id));
    },
    // Not cached: a remembered version may be ahead of a database that was restored from a backup.
    { cache: false },
  );

  const callbacks: ((id: string, copy?: Data) => void)[] = [];

  return {
    async find(id) {
      const document = await documents.findOne({ _id: id });
      return document && reading.one(document);
    },

    query: (filter, limit) => reading.query(filter, { limit }),

    async take(snapshot) {
      const copy = kind.data.parse(snapshot);
      const taken = await take(copy);
      for (const notify of callbacks) notify(copy.id, taken === 'now' ? copy : undefined);
      return taken;
    },

    onTaken(notify) {
      callbacks.push(notify);
    },

    async prepare() {
      for (const keys of kind.indexes ?? []) await documents.createIndex(keys);
    },
  };

  async function take(snapshot: Data): Promise<Taken> {
    const { id, version, ...fields } = snapshot;
    const replacement = { ...fields, version };
    const older = { _id: id, version: { $lt: version } };
    const known = async (): Promise<Taken | undefined> => {
      const held = await heldVersions.load(id);
      if (held === undefined || held < version) return undefined;
      return held === version ? 'already' : 'overtaken';
    };

    const seen = receivesOldNews ? await known() : undefined;
    if (seen) return seen;
    try {
      await documents.replaceOne(older, replacement, { upsert: true });
      receivesOldNews = false;
      return 'now';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // The upsert found nothing older and failed to insert: either the stored snapshot is as new or newer, or one was
      // inserted concurrently that may be older after all. Reading again tells them apart.
      const result = await known();
      receivesOldNews = result !== undefined;
      if (result) return result;
      const { modifiedCount } = await documents.replaceOne(older, replacement);
      return modifiedCount > 0 ? 'now' : ((await known()) ?? 'already');
    }
  }
}
