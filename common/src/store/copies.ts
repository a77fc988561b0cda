import DataLoader from 'dataloader';
import type { Connection, mongo } from 'mongoose';
import type { z } from 'zod';
import type { Snapshot } from '../contracts/event.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { collectionOf } from './mongo.ts';
import { reader, type StoredDocument } from './read.ts';
import { reportUnreadable, type StoreLog } from './unreadable.ts';

/**
 * What became of a snapshot that was taken: held now; held already, so this may be what a crash left half done;
 * or overtaken by a newer one, whose listener sees to all that is left to do.
 */
export type Taken = 'now' | 'already' | 'overtaken';

/** A service's copy of what another service owns: read here, changed only by that service's announcements. */
export interface Copies<Data extends Snapshot> {
  /** @throws UnreadableDocument */
  find(id: string): Promise<Data | null>;
  /** Those that match. What cannot be read is logged and left out. */
  query(filter: mongo.Filter<StoredDocument>, limit: number): Promise<Data[]>;
  /**
   * Takes a snapshot if it is newer than what is held, in one conditional upsert.
   * Repeated, late and skipped messages need no special case: an older version changes nothing, a newer one replaces everything.
   */
  take(snapshot: Data): Promise<Taken>;
  /** Called with the id after each snapshot that this process has taken, whatever became of it. */
  onTaken(taken: (id: string) => void): void;
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
   * Whether what came last was known already. Whoever hears old news most likely hears more of it, from a consumer that was made anew or a stream that is announced again,
   * and a look costs a fraction of a write that changes nothing: measured, 5 times as many a second. Looks of the same moment are one query.
   */
  let hearsOldNews = false;
  const heldVersions = new DataLoader<string, number | undefined>(
    async (ids) => {
      const held = await documents.find({ _id: { $in: ids } }, { projection: { version: 1 } }).toArray();
      const versions = new Map<string, number>(held.map(({ _id, version }) => [_id, version]));
      return ids.map((id) => versions.get(id));
    },
    // A version that is remembered may be ahead of a database that was restored.
    { cache: false },
  );

  const heard: ((id: string) => void)[] = [];

  return {
    async find(id) {
      const document = await documents.findOne({ _id: id });
      return document && reading.one(document);
    },

    query: (filter, limit) => reading.query(filter, { limit }),

    async take(snapshot) {
      const taken = await take(snapshot);
      for (const tell of heard) tell(snapshot.id);
      return taken;
    },

    onTaken(taken) {
      heard.push(taken);
    },

    async prepare() {
      for (const keys of kind.indexes ?? []) await documents.createIndex(keys);
    },
  };

  async function take(snapshot: Data): Promise<Taken> {
    const { id, version, ...fields } = kind.data.parse(snapshot);
    const replacement = { ...fields, version };
    const older = { _id: id, version: { $lt: version } };
    const known = async (): Promise<Taken | undefined> => {
      const held = await heldVersions.load(id);
      if (held === undefined || held < version) return undefined;
      return held === version ? 'already' : 'overtaken';
    };

    const seen = hearsOldNews ? await known() : undefined;
    if (seen) return seen;
    try {
      await documents.replaceOne(older, replacement, { upsert: true });
      hearsOldNews = false;
      return 'now';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // It found nothing older, tried to insert, and met a document: one that is as new or newer, or one that was inserted
      // between its look and its insert and may be older after all. The second look tells them apart.
      const met = await known();
      hearsOldNews = met !== undefined;
      if (met) return met;
      const { modifiedCount } = await documents.replaceOne(older, replacement);
      return modifiedCount > 0 ? 'now' : ((await known()) ?? 'already');
    }
  }
}
