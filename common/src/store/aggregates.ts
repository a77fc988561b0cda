import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';
import type { z } from 'zod';
import type { EventContract } from '../contracts/event.ts';
import { orderOf } from '../contracts/order-of.ts';
import { problem } from '../problem.ts';
import { aboutOrder } from '../telemetry/span.ts';
import { currentTraceparent } from '../telemetry/trace.ts';
import type { Change, Versioned } from './change.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { type Loaded, loader } from './loaded.ts';
import { collectionOf } from './mongo.ts';
import { type Announcements, envelope, type OutboxEvent } from './outbox.ts';
import { type Query, reader, type StoredDocument } from './read.ts';
import { type Remembered, remembered } from './remembered.ts';
import { publicVersion, versionFields } from './stored-version.ts';
import { reportUnreadable, type StoreLog } from './unreadable.ts';

/**
 * One aggregate as stored in MongoDB: the fields of its state, its versions (see `publicVersion`), when it last
 * announced a change, and the events not yet known to be announced. Or only a barred id: see `Aggregates.bar`.
 */
export type StoredAggregate = StoredDocument;

/** How a kind of aggregate is stored. */
export interface AggregateKind<State extends Versioned> {
  /** Collection in the service's own database. */
  readonly collection: string;
  /**
   * Parses loaded documents. Empty fields are null, never undefined, so that a write overwrites all of the old state.
   */
  readonly state: z.ZodType<State>;
  /** The public snapshot that its events carry. */
  readonly snapshot: (state: State) => unknown;
  /**
   * The events that announce the current state when everything is announced again; none if no other service needs it.
   * They must bring a listener that has missed everything to the right state, and change nothing for any other.
   */
  readonly current: (state: State) => readonly EventContract[];
  /**
   * Extra fields for queries, stored beside the state and recomputed with each write. They are never read back. A field
   * that is undefined is absent from the document, so that a sparse index does not contain it.
   */
  readonly lookup?: (state: State, now: Date) => mongo.Document;
  /** How many states a process remembers to start the next change from. Default 1,000; 0 if a state may be large. */
  readonly remembers?: number;
  readonly indexes?: readonly Index[];
}

export interface Index {
  readonly keys: Record<string, 1 | -1>;
  readonly unique?: boolean;
  /** Leaves out documents without the field. An empty array counts as one value, and so does null. */
  readonly sparse?: boolean;
}

export interface StoreOptions extends StoreLog {
  readonly connection: Connection;
  readonly relay: Announcements;
  readonly now: () => Date;
  readonly newId: () => string;
  /**
   * How often `change` retries after losing to other writers. Default 30, which is enough for 200 concurrent writers.
   */
  readonly maxTries?: number;
}

/**
 * The only way to read and change aggregates of one kind.
 *
 * Reading a document that cannot be parsed by its id throws `UnreadableDocument`, which is a bug and not a refusal.
 * Lists log it, count it and leave it out.
 */
export interface Aggregates<State extends Versioned> {
  /**
   * The current state, or null.
   *
   * @throws UnreadableDocument
   */
  find(id: string): Promise<State | null>;
  /** @throws Problem 404 `not-found`; UnreadableDocument */
  get(id: string): Promise<State>;
  /**
   * The first match, or null: for look-ups by something other than the id. Unlike `query`, it does not pass over a
   * document that cannot be read: for decisions that the next match would mislead.
   *
   * @throws UnreadableDocument
   */
  findOne(filter: mongo.Filter<StoredAggregate>, sort?: mongo.Sort): Promise<State | null>;
  /** Matching states, for lists; unsorted and unlimited unless specified. */
  query(filter: mongo.Filter<StoredAggregate>, query?: Query): Promise<State[]>;
  /** All matching states, ordered by id and read page by page: for jobs that process many. */
  each(filter: mongo.Filter<StoredAggregate>): AsyncGenerator<State, void, undefined>;
  /**
   * Stores a new aggregate at version 0 with its announcements, in one write.
   *
   * @throws MongoServerError 11000 when its id or a unique index is taken (see `isDuplicateKey`)
   */
  add(change: Change<State>): Promise<State>;
  /**
   * Loads, decides, and writes state, version and outbox in one conditional write; if another writer was first, it
   * starts again. `decide` may run several times and must be pure. State and events are written atomically, so neither
   * exists without the other. A change without events is stored and leaves the version as it is.
   *
   * With `from`, a state that was read before, the first try decides on that one instead of loading it again. A change
   * is written only if that is still the stored state; nothing to change, or a refusal, counts only after loading.
   *
   * @throws Problem 404 `not-found`; Problem 409 `busy` when it never settles; UnreadableDocument; BrokenAnnouncement;
   * whatever `decide` throws
   */
  change(id: string, decide: (state: State) => Change<State>, from?: State): Promise<State>;
  /**
   * Ensures that nothing is ever added under this id, even by a slow writer, or resolves with what was added before.
   *
   * @throws Problem 409 `busy` when something is being added right now
   */
  bar(id: string): Promise<State | null>;
  /**
   * Announces one aggregate again through its outbox, with its current state and version. Listeners that already know
   * it change nothing. It may be delivered after a concurrent change, which listeners handle like any late message.
   *
   * @returns whether there was something to announce: see `AggregateKind.current`
   * @throws Problem 404 `not-found`; Problem 409 `busy` when it never settles
   */
  announce(id: string): Promise<boolean>;
  /** Creates the indexes; safe to repeat. */
  prepare(): Promise<void>;
}

/** Stores one kind of aggregate: see `change`. Publishes nothing itself; the relay does that from the outboxes. */
export function aggregates<State extends Versioned>(
  kind: AggregateKind<State>,
  { connection, relay, now, newId, logger, metrics, maxTries = 30 }: StoreOptions,
): Aggregates<State> {
  const documents = collectionOf<StoredAggregate>(connection, kind.collection);
  const reading = reader({
    documents,
    read: ({ _id, outbox: _, changedAt: __, barred, ...fields }) =>
      barred ? undefined : kind.state.safeParse({ id: _id, ...fields, version: publicVersion(fields) }),
    unreadable: reportUnreadable(kind.collection, { logger, ...(metrics && { metrics }) }),
  });

  const { findOne, load, asLoaded } = loader({ documents, reading, logger });
  const written: Remembered<State> = remembered(kind.remembers);

  const announcements = (contracts: readonly EventContract[], state: State, time: Date): OutboxEvent[] =>
    contracts.map((contract) =>
      envelope(contract, kind.snapshot(state), { id: newId(), time, traceparent: currentTraceparent() }),
    );

  /** The fields of a state and its lookup, and which of them the document must not have. */
  function stored(state: State, at: Date): { fields: mongo.Document; absent: string[] } {
    const { id: _, ...all } = { ...kind.lookup?.(state, at), ...state };
    const { present = [], absent = [] } = Object.groupBy(Object.entries(all), ([, value]) =>
      value === undefined ? 'absent' : 'present',
    );
    return { fields: Object.fromEntries(present), absent: absent.map(([name]) => name) };
  }

  /** What is to be written of a state that may be outdated. Nothing, or a refusal, proves nothing then. */
  function changeOf(state: State, decide: (state: State) => Change<State>): Change<State> | undefined {
    try {
      const change = decide(state);
      return change.changed ? change : undefined;
    } catch {
      return undefined;
    }
  }

  const beforeTry = (tries: number) => sleep(Math.random() * Math.min(2 ** tries, 100));

  /**
   * Of an unreadable outbox only the new events are offered; the rest is left unchanged for people to inspect. Of one
   * that is not known, the relay has taken the rest before.
   */
  function offer(id: string, outbox: OutboxEvent[] | null, fresh: OutboxEvent[], writes: number): boolean {
    for (const { type, data } of fresh) aboutOrder(orderOf(type, data));
    const offered = [...(outbox ?? []), ...fresh];
    return offered.length === 0 || relay.offer(kind.collection, id, offered, outbox ? writes : null);
  }

  /** What the first try of a change may start from without loading it. */
  const earlierOf = (id: string, from: State | undefined): Loaded<State> | undefined =>
    (from?.id === id ? asLoaded(from) : undefined) ?? written.get(id);

  /** Remembers it, unless an event of the next write could overtake one of these. */
  function note(state: State, writes: number, isTaken: boolean): void {
    if (isTaken) written.note(state, writes);
    else written.forget(state.id);
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
      await documents.insertOne({ ...stored(state, changedAt).fields, _id: state.id, changedAt, outbox });
      note(state, 0, offer(state.id, [], outbox, 0));
      return state;
    },

    async change(id, decide, from) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const earlier = tries === 1 ? earlierOf(id, from) : undefined;
        const { state: before, outbox, writes, condition } = earlier ?? (await load(id));
        const change = earlier ? changeOf(before, decide) : decide(before);
        if (!change) continue;
        if (!change.changed) return change.next;

        const isAnnounced = change.announce.length > 0;
        const state = { ...change.next, version: before.version + (isAnnounced ? 1 : 0) };
        const at = now();
        const fresh = announcements(change.announce, state, at);
        const { fields, absent } = stored(state, at);
        const $set = { ...fields, ...versionFields(writes + 1, state.version), ...(isAnnounced && { changedAt: at }) };
        const update: mongo.Document = { $set, $push: { outbox: { $each: fresh } } };
        if (absent.length > 0) update.$unset = Object.fromEntries(absent.map((name) => [name, '']));
        // The id comes first: the bundled database takes the first field that has an index, such as an owner's.
        const { modifiedCount } = await documents.updateOne({ _id: id, version: writes, ...condition }, update);
        if (modifiedCount === 1) {
          // Nothing can have been added to the outbox since it was loaded, because that raises the version. Events
          // removed since are at worst published twice, under the same id. Events that `announce` has added meanwhile
          // are not urgent, so the relay may find them later.
          note(state, writes + 1, offer(id, outbox, fresh, writes + 1));
          return state;
        }
        written.forget(id);
        if (!earlier) await beforeTry(tries);
      }
      throw busy();
    },

    async bar(id) {
      // Unique fields get distinct placeholders, so that the unique index does not see two barred ids as duplicates. A
      // sparse index does not contain them.
      const unique = (kind.indexes ?? [])
        .filter((index) => index.unique && !index.sparse)
        .flatMap(({ keys }) => Object.keys(keys));
      const placeholders = Object.fromEntries(unique.map((key) => [key, id]));
      try {
        await documents.insertOne({ ...placeholders, _id: id, barred: true, outbox: [] });
        return null;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const document = await documents.findOne({ _id: id });
      // The id is taken but not readable yet: the writer that is adding it has not finished.
      if (!document) throw busy();
      return reading.one(document);
    },

    async announce(id) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const { state, outbox, writes, changedAt = now() } = await load(id);
        const events = announcements(kind.current(state), state, changedAt);
        if (events.length === 0) return false;
        const asRead = { _id: id, version: writes };
        // The version stays, so the relay must not conclude from it that it knows the whole outbox.
        const push: mongo.Document = { $push: { outbox: { $each: events } }, $set: { announced: true } };
        const { modifiedCount } = await documents.updateOne(asRead, push);
        if (modifiedCount === 1) {
          offer(id, outbox, events, writes);
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
      for (const { keys, unique = false, sparse = false } of kind.indexes ?? []) {
        await documents.createIndex(keys, { unique, ...(sparse && { sparse }) });
      }
    },
  };
}

const busy = () =>
  problem('busy', 'Others are changing this at the same time. Please try again.', { retryAfterSeconds: 1 });
