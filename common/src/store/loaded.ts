import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import { z } from 'zod';
import { notFound } from '../problem.ts';
import { Outbox, type OutboxEvent } from './outbox.ts';
import type { Reader, StoredDocument } from './read.ts';

/** A state, and what its document has beside it. */
export interface Loaded<State> {
  readonly state: State;
  /** The stored `version`, on which the next write is conditional. */
  readonly writes: number;
  /** Null if the stored one is unreadable or not known. */
  readonly outbox: OutboxEvent[] | null;
  /** What the next write is conditional on as well. */
  readonly condition: mongo.Document;
  readonly changedAt: Date | undefined;
}

export interface LoaderParts<State> {
  readonly documents: mongo.Collection<StoredDocument>;
  readonly reading: Reader<State>;
  readonly logger: Logger;
}

/** Reads aggregates one at a time. */
export interface Loader<State> {
  /** @throws UnreadableDocument */
  findOne(filter: mongo.Filter<StoredDocument>, sort?: mongo.Sort): Promise<State | null>;
  /** @throws Problem 404 `not-found`; UnreadableDocument */
  load(id: string): Promise<Loaded<State>>;
  /** What a state was found with; undefined if it was not found here. */
  asLoaded(state: State): Loaded<State> | undefined;
}

export function loader<State extends object>({ documents, reading, logger }: LoaderParts<State>): Loader<State> {
  /** For as long as somebody has the state. */
  const readFrom = new WeakMap<State, StoredDocument>();

  async function findOne(filter: mongo.Filter<StoredDocument>, sort: mongo.Sort = {}): Promise<State | null> {
    const document = await documents.findOne(filter, { sort });
    const state = document && reading.one(document);
    if (state) readFrom.set(state, document);
    return state;
  }

  function asLoaded(state: State): Loaded<State> | undefined {
    const document = readFrom.get(state);
    if (!document) return undefined;
    const { _id: id, version, changedAt } = document;
    const outbox = Outbox.safeParse(document.outbox ?? []);
    if (outbox.error) {
      const reason = z.prettifyError(outbox.error);
      logger.error({ collection: documents.collectionName, id, reason }, 'skipped an unreadable outbox');
    }
    return { state, writes: version, changedAt: changedAt ?? undefined, outbox: outbox.data ?? null, condition: {} };
  }

  return {
    findOne,
    asLoaded,
    async load(id) {
      const state = await findOne({ _id: id });
      const loaded = state && asLoaded(state);
      if (!loaded) throw notFound();
      return loaded;
    },
  };
}
