import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DeliverPolicy, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import type { MongoClient } from 'mongodb';
import { type Facts, factsOf } from './announced-facts.ts';

export const owned = { tickets: 'tickets', orders: 'orders', payments: 'payments' } as const;
export const copied = { orders: 'known-tickets', payments: 'payable-orders' } as const;

export interface Announcement extends Facts {
  /** The stream, named after its owner. */
  readonly owner: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** When the change was made, ms since 1970: read before it was written. */
  readonly timeMs: number;
  /** When the broker stored the announcement: after the change was written. */
  readonly storedMs: number;
}

export interface Observer {
  /** Every announcement seen, once each, in the order seen. */
  readonly announcements: readonly Announcement[];
  /** Sentences: a copy or an owner's document whose version went down, or a version announced with two contents. */
  readonly regressions: readonly string[];
  /** How many versions were compared with an earlier look. */
  readonly looks: () => number;
  /** Resolves once everything in the streams has been seen. */
  caughtUp(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

const lookEveryMs = 500;
/**
 * Documents read from a collection at a time: half of them the newest, which change, and half random. Reading all would
 * load the database.
 */
const lookedAt = 200;
/** Whose announcements carry the ids of a collection's documents. A payment has the id of its order. */
const namedBy: Readonly<Record<string, string>> = {
  'tickets.tickets': 'tickets',
  'orders.orders': 'orders',
  'payments.payments': 'orders',
  'orders.known-tickets': 'tickets',
  'payments.payable-orders': 'orders',
};

/** Watches the streams and the databases while the platform works, and remembers everything it has seen. */
export function observe(operator: ConnectionOptions, mongo: MongoClient): Observer {
  const stopping = new AbortController();
  const announcements = new Map<string, Announcement>();
  const regressions: string[] = [];
  /** The content of each announcement. */
  const said = new Map<string, unknown>();
  const highest = new Map<string, number>();
  const places = new Map<string, Place>();
  /** The announcements of each owner, oldest first. */
  const ids = new Map(Object.keys(owned).map((owner) => [owner, new Set<string>()]));
  let looks = 0;

  const reading = Object.keys(owned).map((stream) => keepReading(stream));
  const looking = keepLooking();

  async function keepReading(stream: string): Promise<void> {
    while (!stopping.signal.aborted) {
      let connection: NatsConnection | undefined;
      try {
        connection = await connect({ ...operator, reconnect: false, timeout: 1_000 });
        await read(connection, stream);
      } catch {
        // The broker or the stream is unavailable; it will be back.
      } finally {
        await connection?.close().catch(() => undefined);
      }
      await sleep(200);
    }
  }

  async function read(connection: NatsConnection, stream: string): Promise<void> {
    const jsm = await jetstreamManager(connection);
    const { created } = await jsm.streams.info(stream);
    const known = places.get(stream);
    const goesOn = known?.created === created && (await isThere(jsm, stream, known));
    const place: Place = goesOn ? known : { created, sequence: 0, storedAtMs: 0 };
    places.set(stream, place);
    const consumer = await jetstream(connection).consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: place.sequence + 1,
    });
    const messages = await consumer.consume({ max_messages: 500 });
    const end = () => void messages.close();
    stopping.signal.addEventListener('abort', end, { once: true });
    void connection.closed().then(end);
    for await (const message of messages) {
      [place.sequence, place.storedAtMs] = [message.seq, message.time.getTime()];
      const seen = announcementOf(stream, message);
      if (!seen) continue;
      const name = `${seen.owner}/${seen.id}/${seen.version}`;
      if (!announcements.has(name)) announcements.set(name, seen);
      ids.get(seen.owner)?.add(seen.id);
      const content = contentOf(seen.owner, message.json());
      const before = said.get(name);
      said.set(name, content);
      if (before !== undefined && !isDeepStrictEqual(before, content)) {
        regressions.push(`${name} was announced as ${JSON.stringify(before)} and as ${JSON.stringify(content)}`);
      }
    }
    stopping.signal.removeEventListener('abort', end);
  }

  async function keepLooking(): Promise<void> {
    const collections = [...Object.entries(owned), ...Object.entries(copied)];
    while (!stopping.signal.aborted) {
      for (const [database, collection] of collections) {
        await look(database, collection).catch(() => {
          // The database is down; nothing was seen.
        });
      }
      await sleep(lookEveryMs);
    }
  }

  async function look(database: string, collection: string): Promise<void> {
    const some = sample([...(ids.get(namedBy[`${database}.${collection}`] ?? '') ?? [])]);
    const documents = mongo.db(database).collection<{ _id: string; version: number }>(collection);
    for (const { _id, version } of await documents
      .find({ _id: { $in: some } }, { projection: { version: 1 } })
      .toArray()) {
      const key = `${database}.${collection}/${_id}`;
      const before = highest.get(key);
      if (before !== undefined) {
        looks++;
        if (version < before) regressions.push(`${key} went from version ${before} back to ${version}`);
      }
      highest.set(key, Math.max(before ?? 0, version));
    }
  }

  return {
    get announcements() {
      return [...announcements.values()];
    },
    regressions,
    looks: () => looks,
    async caughtUp(withinMs) {
      const deadline = Date.now() + withinMs;
      const connection = await connect(operator);
      try {
        const manager = await jetstreamManager(connection);
        for (const stream of Object.keys(owned)) {
          for (;;) {
            const { created, state } = await manager.streams.info(stream);
            const place = places.get(stream);
            if (place?.created === created && place.sequence >= state.last_seq) break;
            if (Date.now() > deadline) throw new Error(`the stream ${stream} could not be read to its end`);
            await sleep(50);
          }
        }
      } finally {
        await connection.close();
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all([...reading, looking]);
    },
  };
}

function sample(all: readonly string[]): string[] {
  if (all.length <= lookedAt) return [...all];
  const older = all.slice(0, -lookedAt / 2);
  const any = Array.from({ length: lookedAt / 2 }, () => older[Math.floor(Math.random() * older.length)] ?? '');
  return [...all.slice(-lookedAt / 2), ...new Set(any)];
}

interface Place {
  readonly created: string;
  /** Of the last message read; 0 before the first. */
  sequence: number;
  storedAtMs: number;
}

/**
 * Whether the last message read is still in the stream. A stream that was replaced by an older copy of itself may have
 * grown past that sequence again, with other messages: those would be missed.
 */
async function isThere(jsm: JetStreamManager, stream: string, { sequence, storedAtMs }: Place): Promise<boolean> {
  if (sequence === 0) return true;
  const message = await jsm.streams.getMessage(stream, { seq: sequence });
  return message?.time.getTime() === storedAtMs;
}

/** Nothing for an invalid event: some are published on purpose. */
function announcementOf(
  owner: string,
  message: { data: Uint8Array; time: Date; headers?: { get(name: string): string } | undefined },
): Announcement | undefined {
  const type = message.headers?.get('ce-type');
  if (!type) return undefined;
  const data = JSON.parse(new TextDecoder().decode(message.data));
  const { id, version } = data;
  const timeMs = Date.parse(message.headers?.get('ce-time') ?? '');
  return { owner, type, id, version, timeMs, storedMs: message.time.getTime(), ...factsOf(type, data) };
}

/**
 * What every announcement of a version must have in common. Who holds a ticket, and how many tickets of a show there
 * are, change without a new version, so they may differ when it is announced again.
 */
function contentOf(owner: string, data: Record<string, unknown>): unknown {
  if (owner !== 'tickets') return data;
  const { state: _, orderId: __, refundedAt: ___, refunded: ____, refundFailedAt: _____, ...seen } = data;
  const { dispute: ______, offered: _______, kinds, ...own } = seen;
  return Array.isArray(kinds) ? { ...own, kinds: kinds.map(({ made, ...kind }) => kind) } : own;
}
