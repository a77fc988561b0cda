import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';
import { collectionOf } from '../../store/mongo.ts';
import { Outbox, type OutboxEvent } from '../../store/outbox.ts';

/** The part of a stored aggregate that the relay uses. */
export interface OutboxDocument {
  _id: string;
  version: number;
  outbox: OutboxEvent[];
}

const WithOutbox = z.object({ version: z.int(), outbox: Outbox.default([]) });

/** The outbox of a stored aggregate, or what is wrong with it. */
export const readOutbox = (document: mongo.Document) => WithOutbox.safeParse(document);

/** Not `$exists`: MongoDB indexes an empty array as null, so it might read every aggregate. */
export const anyWaiting = { 'outbox.id': { $gt: '' } };

/** Makes the events that announce the current state of a stored aggregate. */
export type Current = (document: mongo.Document) => OutboxEvent[];

/** The collections whose documents contain a service's outboxes. */
export interface Outboxes {
  watch(collection: string, current: Current): Promise<void>;
  watched(): ReadonlyMap<string, Current>;
  documents(collection: string): mongo.Collection<OutboxDocument>;
  /** The time of the oldest event in any outbox; null if all are empty. */
  waitingSince(): Promise<Date | null>;
}

export function createOutboxes(connection: Connection): Outboxes {
  const collections = new Map<string, Current>();
  const documents = (name: string) => collectionOf<OutboxDocument>(connection, name);

  return {
    documents,
    watched: () => collections,

    async watch(collection, current) {
      collections.set(collection, current);
      // Contains only aggregates with waiting events. Sparse rather than partial, because SecantusDB ignores partial
      // indexes.
      await documents(collection).createIndex({ 'outbox.id': 1 }, { name: 'waiting', sparse: true });
    },

    async waitingSince() {
      // Event ids rise with time, so the oldest is the first in the index.
      const oldest = await Promise.all([...collections.keys()].map((name) => oldestOf(documents(name))));
      const [first] = oldest.filter((time) => time !== null).toSorted((one, other) => one.getTime() - other.getTime());
      return first ?? null;
    },
  };
}

/** The time of the oldest readable event; null if there is none. */
async function oldestOf(documents: mongo.Collection<OutboxDocument>): Promise<Date | null> {
  const projection = { version: 1, outbox: { $slice: 1 } };
  for await (const document of documents.find(anyWaiting, { projection, sort: { 'outbox.id': 1 }, batchSize: 2 })) {
    const time = new Date(readOutbox(document).data?.outbox[0]?.time ?? Number.NaN);
    if (!Number.isNaN(time.getTime())) return time;
  }
  return null;
}
