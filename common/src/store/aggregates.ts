import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';
import type { z } from 'zod';
import type { EventContract } from '../contracts/event.ts';
import { notFound, problem } from '../problem.ts';
import { currentTraceparent } from '../telemetry/trace.ts';
import type { Change, Versioned } from './change.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { collectionOf } from './mongo.ts';
import { type Announcements, envelope, type OutboxEvent } from './outbox.ts';
import { type Query, reader, type StoredDocument } from './read.ts';
import { reportUnreadable, type StoreLog } from './unreadable.ts';

/**
 * One aggregate as it lies in MongoDB: its state spread out, its version, when it last changed, and the events not yet known to be announced.
 * Or only an id that was barred: see `Aggregates.bar`.
 */
export type StoredAggregate = StoredDocument;

/** How a kind of aggregate is kept. */
export interface AggregateKind<State extends Versioned> {
  /** Collection in the service's own database. */
  readonly collection: string;
  /** Parses what is loaded. Fields are null when empty, never undefined, so that a write leaves nothing of the old state behind. */
  readonly state: z.ZodType<State>;
  /** The public snapshot that its events carry. */
  readonly snapshot: (state: State) => unknown;
  /**
   * Which events say what the aggregate is now, when everything is announced again: none while nobody else need know of it. A listener that has missed everything
   * comes to the right end by them, and one that has not does nothing.
   */
  readonly current: (state: State) => readonly EventContract[];
  /** Fields that are stored beside the state so that queries find it, and made anew with each write. They are never read back. */
  readonly lookup?: (state: State, now: Date) => mongo.Document;
  readonly indexes?: readonly { readonly keys: Record<string, 1 | -1>; readonly unique?: boolean }[];
}

export interface StoreOptions extends StoreLog {
  readonly connection: Connection;
  readonly relay: Announcements;
  readonly now: () => Date;
  readonly newId: () => string;
  /** How often `change` decides anew when other writers come first. Default 30, which 200 writers of one document stay below. */
  readonly maxTries?: number;
}

/**
 * The only way to read and change aggregates of one kind.
 *
 * A stored document that cannot be parsed is an `UnreadableDocument` to who asks for it by its id, which is a bug and no refusal.
 * Lists log it, count it and leave it out.
 */
export interface Aggregates<State extends Versioned> {
  /**
   * The state now, or null.
   *
   * @throws UnreadableDocument
   */
  find(id: string): Promise<State | null>;
  /** @throws Problem 404 `not-found`; UnreadableDocument */
  get(id: string): Promise<State>;
  /**
   * The first that matches, or null: for a look-up by something else than the id.
   *
   * @throws UnreadableDocument
   */
  findOne(filter: mongo.Filter<StoredAggregate>): Promise<State | null>;
  /** States that match, for lists; unsorted and unlimited unless specified. */
  query(filter: mongo.Filter<StoredAggregate>, query?: Query): Promise<State[]>;
  /** All states that match, in the order of their ids, read a page at a time: for jobs that look after many. */
  each(filter: mongo.Filter<StoredAggregate>): AsyncGenerator<State, void, undefined>;
  /**
   * Stores a new aggregate at version 0 with its announcements, in one write.
   *
   * @throws MongoServerError 11000 when its id or a unique index is taken (see `isDuplicateKey`)
   */
  add(change: Change<State>): Promise<State>;
  /**
   * Loads, decides, and writes state, version and outbox in one conditional write; when another writer was first, loads and decides again.
   * So `decide` may run several times: it must be pure. State and announcement are the same atomic write, so neither exists without the other.
   *
   * @throws Problem 404 `not-found`; Problem 409 `busy` when it never settles; UnreadableDocument; BrokenAnnouncement; whatever `decide` throws
   */
  change(id: string, decide: (state: State) => Change<State>): Promise<State>;
  /**
   * Sees to it that nothing is ever added under this id, by however slow a writer, or resolves with what was added before.
   *
   * @throws Problem 409 `busy` when something is being added at this moment
   */
  bar(id: string): Promise<State | null>;
  /**
   * Announces one aggregate again, as it is now and at the version it has, by way of its outbox.
   * Changes nothing where it is known already. A change in the same moment may be heard before it; listeners bear that, as they bear every late message.
   *
   * @returns whether there was anything to announce: see `AggregateKind.current`
   * @throws Problem 404 `not-found`; Problem 409 `busy` when it never settles
   */
  announce(id: string): Promise<boolean>;
  /** Creates the indexes; safe to repeat. */
  prepare(): Promise<void>;
}

/** Change-and-announce for one kind of aggregate: see `change`. Nothing is published here; the relay does that from what was written. */
export function aggregates<State extends Versioned>(
  kind: AggregateKind<State>,
  { connection, relay, now, newId, logger, metrics, maxTries = 30 }: StoreOptions,
): Aggregates<State> {
  const documents = collectionOf<StoredAggregate>(connection, kind.collection);
  const reading = reader({
    documents,
    read: ({ _id, outbox: _, changedAt: __, barred, ...fields }) =>
      barred ? undefined : kind.state.safeParse({ id: _id, ...fields }),
    unreadable: reportUnreadable(kind.collection, { logger, ...(metrics && { metrics }) }),
  });

  const announcements = (contracts: readonly EventContract[], state: State, time: Date): OutboxEvent[] =>
    contracts.map((contract) =>
      envelope(contract, kind.snapshot(state), { id: newId(), time, traceparent: currentTraceparent() }),
    );

  const beforeTry = (tries: number) => sleep(Math.random() * Math.min(2 ** tries, 100));

  async function findOne(filter: mongo.Filter<StoredAggregate>): Promise<State | null> {
    const document = await documents.findOne(filter);
    return document && reading.one(document);
  }

  async function load(id: string): Promise<{ document: StoredAggregate; state: State; outbox: OutboxEvent[] }> {
    const document = await documents.findOne({ _id: id });
    const state = document && reading.one(document);
    if (!state) throw notFound();
    return { document, state, outbox: document.outbox ?? [] };
  }

  return {
    findOne,
    query: reading.query,
    each: (filter) => reading.each(filter),
    find: (id) => findOne({ _id: id }),

    async get(id) {
      return (await load(id)).state;
    },

    async add(change) {
      const state = { ...change.next, version: 0 };
      const changedAt = now();
      const outbox = announcements(change.announce, state, changedAt);
      const { id, ...fields } = { ...kind.lookup?.(state, changedAt), ...state };
      await documents.insertOne({ ...fields, _id: id, changedAt, outbox });
      relay.offer(kind.collection, id, outbox, state.version);
      return state;
    },

    async change(id, decide) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const { state: before, outbox } = await load(id);
        const { version } = before;
        const change = decide(before);
        if (!change.changed) return change.next;

        const state = { ...change.next, version: version + 1 };
        const changedAt = now();
        const fresh = announcements(change.announce, state, changedAt);
        const { id: _, ...fields } = { ...kind.lookup?.(state, changedAt), ...state };
        const update: mongo.Document = { $set: { ...fields, changedAt }, $push: { outbox: { $each: fresh } } };
        const { modifiedCount } = await documents.updateOne({ _id: id, version }, update);
        if (modifiedCount === 1) {
          // Nothing can have joined the outbox since it was loaded: joining raises the version. What has left it since is published
          // twice at worst, under the same id.
          // What `announce` has put there meanwhile is no news, and may as well come late.
          relay.offer(kind.collection, id, [...outbox, ...fresh], state.version);
          return state;
        }
        await beforeTry(tries);
      }
      throw busy();
    },

    async bar(id) {
      // It needs values of its own for what is unique, or two that are barred would be taken for twins.
      const unique = (kind.indexes ?? []).filter((index) => index.unique).flatMap(({ keys }) => Object.keys(keys));
      const placeholders = Object.fromEntries(unique.map((key) => [key, id]));
      try {
        await documents.insertOne({ ...placeholders, _id: id, barred: true, outbox: [] });
        return null;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const document = await documents.findOne({ _id: id });
      // The id is taken and cannot be read yet: whoever adds it has not come to its end.
      if (!document) throw busy();
      return reading.one(document);
    },

    async announce(id) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const { document, state, outbox } = await load(id);
        const again = announcements(kind.current(state), state, document.changedAt ?? now());
        if (again.length === 0) return false;
        const asRead = { _id: id, version: state.version };
        // The version stays, so the relay must not conclude from it that it knows the whole outbox.
        const push: mongo.Document = { $push: { outbox: { $each: again } }, $set: { announced: true } };
        const { modifiedCount } = await documents.updateOne(asRead, push);
        if (modifiedCount === 1) {
          relay.offer(kind.collection, id, [...outbox, ...again], state.version);
          return true;
        }
        await beforeTry(tries);
      }
      throw busy();
    },

    async prepare() {
      await relay.watch(kind.collection, (document) => {
        const state = reading.one({ ...document, _id: document._id });
        if (!state) return [];
        return announcements(kind.current(state), state, document.changedAt ?? now());
      });
      for (const { keys, unique = false } of kind.indexes ?? []) await documents.createIndex(keys, { unique });
    },
  };
}

const busy = () =>
  problem('busy', 'Others change this at the same moment; please try again.', { retryAfterSeconds: 1 });
