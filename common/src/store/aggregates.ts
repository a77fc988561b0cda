import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';
import type { z } from 'zod';
import type { EventContract } from '../contracts/event.ts';
import { envelope, type OutboxEvent } from '../messaging/envelope.ts';
import type { Relay } from '../messaging/relay.ts';
import { notFound, problem } from '../problem.ts';
import { currentTraceparent } from '../telemetry/trace.ts';
import type { Change, Versioned } from './change.ts';
import { collectionOf } from './mongo.ts';

/**
 * One aggregate as it lies in MongoDB: its state spread out, its version, when it last changed, and the events not yet known to be announced.
 * Or only an id that was barred: see `Aggregates.bar`.
 */
export interface StoredAggregate extends mongo.Document {
  _id: string;
}

/** How a kind of aggregate is kept. */
export interface AggregateKind<State extends Versioned> {
  /** Collection in the service's own database. */
  readonly collection: string;
  /** Parses what is loaded. Fields are null when empty, never undefined, so that a write leaves nothing of the old state behind. */
  readonly state: z.ZodType<State>;
  /** The public snapshot that its events carry. */
  readonly snapshot: (state: State) => unknown;
  /**
   * Which events say what the aggregate is now, for `Relay.republish`: none while nobody else need know of it. A listener that has missed everything
   * comes to the right end by them, and one that has not does nothing.
   */
  readonly current: (state: State) => readonly EventContract[];
  readonly indexes?: readonly { readonly keys: Record<string, 1 | -1>; readonly unique?: boolean }[];
}

export interface StoreOptions {
  readonly connection: Connection;
  readonly relay: Pick<Relay, 'offer' | 'watch'>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** How often `change` decides anew when other writers come first. Default 30, which 200 writers of one document stay below. */
  readonly maxTries?: number;
}

export interface Query {
  readonly limit?: number;
  readonly sort?: mongo.Sort;
}

/** The only way to read and change aggregates of one kind. */
export interface Aggregates<State extends Versioned> {
  /** The state now, or null. */
  find(id: string): Promise<State | null>;
  /** @throws Problem 404 `not-found` */
  get(id: string): Promise<State>;
  /** States that match, for lists and look-ups; unsorted and unlimited unless told. */
  query(filter: mongo.Filter<StoredAggregate>, query?: Query): Promise<State[]>;
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
   * @throws Problem 404 `not-found`; Problem 409 `busy` when it never settles; whatever `decide` throws
   */
  change(id: string, decide: (state: State) => Change<State>): Promise<State>;
  /**
   * Sees to it that nothing is ever added under this id, by however slow a writer, or resolves with what was added before.
   *
   * @throws Problem 409 `busy` when something is being added at this moment
   */
  bar(id: string): Promise<State | null>;
  /**
   * Announces one aggregate again, as it is now and at the version it has: `Relay.republish` for a single one, by way of its outbox.
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
  { connection, relay, now, newId, maxTries = 30 }: StoreOptions,
): Aggregates<State> {
  const documents = collectionOf<StoredAggregate>(connection, kind.collection);

  const stateOf = ({ _id, outbox: _, changedAt: __, ...fields }: StoredAggregate): State =>
    kind.state.parse({ id: _id, ...fields });

  const announcements = (contracts: readonly EventContract[], state: State, time: Date): OutboxEvent[] =>
    contracts.map((contract) =>
      envelope(contract, kind.snapshot(state), { id: newId(), time, traceparent: currentTraceparent() }),
    );

  const beforeTry = (tries: number) => sleep(Math.random() * Math.min(2 ** tries, 100));

  async function find(id: string): Promise<StoredAggregate | null> {
    const document = await documents.findOne({ _id: id });
    return document?.barred ? null : document;
  }

  async function load(id: string): Promise<StoredAggregate> {
    const document = await find(id);
    if (!document) throw notFound();
    return document;
  }

  return {
    async find(id) {
      const document = await find(id);
      return document && stateOf(document);
    },

    async get(id) {
      return stateOf(await load(id));
    },

    async query(filter, { limit = 0, sort = {} } = {}) {
      const found = await documents.find(filter).sort(sort).limit(limit).toArray();
      return found.filter(({ barred }) => !barred).map(stateOf);
    },

    async add(change) {
      const state = { ...change.next, version: 0 };
      const changedAt = now();
      const outbox = announcements(change.announce, state, changedAt);
      const { id, ...fields } = state;
      await documents.insertOne({ ...fields, _id: id, changedAt, outbox });
      relay.offer(kind.collection, id, outbox, state.version);
      return state;
    },

    async change(id, decide) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const before = await load(id);
        const version: number = before.version;
        const outbox: OutboxEvent[] = before.outbox;
        const change = decide(stateOf(before));
        if (!change.changed) return change.next;

        const state = { ...change.next, version: version + 1 };
        const changedAt = now();
        const fresh = announcements(change.announce, state, changedAt);
        const { id: _, ...fields } = state;
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
      return document.barred ? null : stateOf(document);
    },

    async announce(id) {
      for (let tries = 1; tries <= maxTries; tries++) {
        const document = await load(id);
        const state = stateOf(document);
        const again = announcements(kind.current(state), state, document.changedAt ?? now());
        if (again.length === 0) return false;
        const asRead = { _id: id, version: state.version };
        // The version stays, so the relay must not conclude from it that it knows the whole outbox.
        const push: mongo.Document = { $push: { outbox: { $each: again } }, $set: { announced: true } };
        const { modifiedCount } = await documents.updateOne(asRead, push);
        if (modifiedCount === 1) {
          relay.offer(kind.collection, id, [...document.outbox, ...again], state.version);
          return true;
        }
        await beforeTry(tries);
      }
      throw busy();
    },

    async prepare() {
      await relay.watch(kind.collection, (document) => {
        if (document.barred) return [];
        const state = stateOf(document as StoredAggregate);
        return announcements(kind.current(state), state, document.changedAt ?? now());
      });
      for (const { keys, unique = false } of kind.indexes ?? []) await documents.createIndex(keys, { unique });
    },
  };
}

const busy = () =>
  problem('busy', 'Others change this at the same moment; please try again.', { retryAfterSeconds: 1 });

/** Whether a write failed because a unique index (or the id) was taken. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000;
}
