import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';
import { collectionOf } from '../../store/mongo.ts';
import { OutboxEvent } from '../../store/outbox.ts';

/** What a relay needs of a stored aggregate. */
export interface OutboxDocument {
  _id: string;
  version: number;
  outbox: OutboxEvent[];
}

const Outbox = z.object({ version: z.int(), outbox: z.array(OutboxEvent).default([]) });
export type Outbox = z.infer<typeof Outbox>;

/** The outbox of a stored aggregate, or what is wrong with it. */
export const readOutbox = (document: mongo.Document) => Outbox.safeParse(document);

/** Not `$exists`: MongoDB has an empty array in an index as null, and might read every aggregate there is. */
export const anyWaiting = { 'outbox.id': { $gt: '' } };

/** Makes the events that announce a stored aggregate as it is now. */
export type Current = (document: mongo.Document) => OutboxEvent[];

/** The collections in whose documents a service keeps its outboxes. */
export interface Outboxes {
  watch(collection: string, current: Current): Promise<void>;
  watched(): ReadonlyMap<string, Current>;
  documents(collection: string): mongo.Collection<OutboxDocument>;
  /** When the oldest event happened that lies in any of them; null when all are empty. */
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
      // Holds only aggregates with something in their outbox. Sparse and not partial, for SecantusDB reads the whole collection rather than a partial index.
      await documents(collection).createIndex({ 'outbox.id': 1 }, { name: 'waiting', sparse: true });
    },

    async waitingSince() {
      // Ids rise with time, and the index of what waits is in their order, so the oldest is found at its beginning however many there are.
      const oldest = await Promise.all(
        [...collections.keys()].map((name) =>
          documents(name).findOne(anyWaiting, { projection: { outbox: { $slice: 1 } }, sort: { 'outbox.id': 1 } }),
        ),
      );
      const times = oldest.flatMap((document) => document?.outbox.map(({ time }) => time) ?? []);
      const [first] = times.toSorted();
      return first === undefined ? null : new Date(first);
    },
  };
}
