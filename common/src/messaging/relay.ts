import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Announcer } from '../contracts/event.ts';
import type { Bus } from './bus.ts';
import { type OutboxEvent, toMessage } from './envelope.ts';
import { collectionOf } from './mongo.ts';
import { ensureStream, type StreamSettings } from './topology.ts';

/** From how many waiting events an atomic batch beats single publishes, with an fsync for each message: measured, not guessed. */
const batchFrom = 60;
/** JetStream takes at most 1000 messages in an atomic batch (server 2.12). */
const roundSize = 500;
/** An aggregate that changed less than this ago is likely being announced right now by whoever changed it. */
const sweepAgeMs = 2_000;

export interface RelayOptions {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly announcer: Announcer;
  readonly stream: StreamSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  /** How often it looks for events that a crash has left behind. Default 5 s. */
  readonly sweepEveryMs?: number;
}

/**
 * Publishes what a service has written to its outboxes, oldest first per aggregate, and removes what JetStream has acknowledged.
 *
 * At least once: a crash after the publish and before the removal sends the event again under the same id, which JetStream drops within its duplicate window
 * (`duplicate_window`, 10 min). Listeners must cope with what slips past it, and do: they compare versions.
 * Several replicas may relay the same outbox at once; the same holds for them.
 */
export interface Relay {
  /** Takes over the outbox of one aggregate, oldest event first, right after the write. Never waits, never throws. */
  offer(collection: string, id: string, outbox: readonly OutboxEvent[]): void;
  /** Has this collection swept for leftovers from now on. */
  watch(collection: string): Promise<void>;
  /** Makes the stream and begins to publish. */
  start(): Promise<void>;
  /** Resolves when nothing that was offered waits any more. */
  flush(): Promise<void>;
  /** Publishes what waits, if the bus answers within `withinMs`; what is left stays in the outboxes for the next process. */
  stop(withinMs: number): Promise<void>;
  /** How many events wait to be published. */
  waiting(): number;
}

interface Waiting {
  readonly collection: string;
  readonly id: string;
  readonly events: OutboxEvent[];
}

interface OutboxDocument {
  _id: string;
  outbox: OutboxEvent[];
}

export function createRelay({
  bus,
  connection,
  announcer,
  stream,
  logger,
  now,
  sweepEveryMs = 5_000,
}: RelayOptions): Relay {
  const waiting = new Map<string, Waiting>();
  /** Published or being published by this process, and not yet removed from the database: not to be queued a second time. */
  const handled = new Set<string>();
  const collections = new Set<string>();
  const stopping = new AbortController();
  let wake = (): void => {};
  let running: Promise<unknown> = Promise.resolve();
  let removing: Promise<void> = Promise.resolve();

  const documents = (name: string) => collectionOf<OutboxDocument>(connection, name);

  function offer(collection: string, id: string, outbox: readonly OutboxEvent[]): void {
    const key = `${collection}/${id}`;
    const entry = waiting.get(key) ?? { collection, id, events: [] };
    for (const event of outbox) {
      if (handled.has(event.id)) continue;
      handled.add(event.id);
      entry.events.push(event);
    }
    if (entry.events.length === 0) return;
    waiting.set(key, entry);
    wake();
  }

  function takeRound(): Waiting[] {
    const round: Waiting[] = [];
    let room = roundSize;
    for (const [key, entry] of waiting) {
      if (entry.events.length <= room) {
        waiting.delete(key);
        round.push(entry);
        room -= entry.events.length;
      } else {
        round.push({ ...entry, events: entry.events.splice(0, room) });
        room = 0;
      }
      if (room === 0) break;
    }
    return round;
  }

  function putBack(round: readonly Waiting[]): void {
    for (const entry of round) {
      const key = `${entry.collection}/${entry.id}`;
      const later = waiting.get(key)?.events ?? [];
      waiting.set(key, { ...entry, events: [...entry.events, ...later] });
    }
  }

  async function publishOne(event: OutboxEvent): Promise<void> {
    const { payload, headers } = toMessage(event);
    await bus.js.publish(event.subject, payload, { headers, expect: { streamName: announcer } });
  }

  async function publishSingly(round: readonly Waiting[]): Promise<void> {
    const results = await Promise.allSettled(
      round.map(async ({ events }) => {
        for (const event of events) await publishOne(event);
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** All or nothing, with one fsync for all of them. */
  async function publishBatch(events: readonly OutboxEvent[]): Promise<void> {
    const [first, ...rest] = events.map((event) => ({ subject: event.subject, ...toMessage(event) }));
    const last = rest.pop();
    if (!first || !last) throw new Error('a batch has at least two events');
    const batch = await bus.js.startBatch(first.subject, first.payload, { headers: first.headers });
    for (const { subject, payload, headers } of rest) batch.add(subject, payload, { headers });
    await batch.commit(last.subject, last.payload, { headers: last.headers, timeout: 10_000 });
  }

  async function publish(round: readonly Waiting[]): Promise<void> {
    const events = round.flatMap((entry) => entry.events);
    if (events.length < batchFrom) return publishSingly(round);
    try {
      await publishBatch(events);
    } catch (error) {
      // Refused whole because one id is known already, or the server is too old or away: single messages find out which.
      logger.debug({ err: error, events: events.length }, 'the batch was refused; publishing singly');
      await publishSingly(round);
    }
  }

  async function remove(round: readonly Waiting[]): Promise<void> {
    try {
      const byCollection = Map.groupBy(round, (entry) => entry.collection);
      for (const [collection, entries] of byCollection) {
        await documents(collection).bulkWrite(
          entries.map(({ id, events }) => ({
            updateOne: {
              filter: { _id: id },
              update: { $pull: { outbox: { id: { $in: events.map((event) => event.id) } } } },
            },
          })),
          { ordered: false },
        );
      }
    } catch (error) {
      // They stay in the outboxes; the sweep finds them and publishes them again under the same ids.
      logger.warn({ err: error }, 'could not clear published events from the outboxes yet');
    } finally {
      for (const { events } of round) for (const event of events) handled.delete(event.id);
    }
  }

  async function pump(): Promise<void> {
    let failures = 0;
    while (!(stopping.signal.aborted && waiting.size === 0)) {
      if (waiting.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const round = takeRound();
      try {
        await publish(round);
        failures = 0;
        // Removal runs beside the next round; more than one behind, and the next round waits for it.
        await removing;
        removing = remove(round);
      } catch (error) {
        putBack(round);
        failures++;
        logger.warn({ err: error, waiting: waiting.size }, 'could not publish; will try again');
        await sleep(Math.min(100 * 2 ** failures, 2_000) * (0.5 + Math.random() / 2));
        await ensureStream(bus, announcer, stream).catch(() => {});
      }
    }
    await removing;
  }

  async function sweep(olderThan: Date): Promise<void> {
    for (const collection of collections) {
      const left = await documents(collection)
        .find({ 'outbox.id': { $exists: true } }, { projection: { outbox: 1 } })
        .limit(2 * roundSize)
        .toArray();
      for (const { _id, outbox } of left) {
        const oldest = outbox[0];
        if (oldest && oldest.time <= olderThan.toISOString()) offer(collection, _id, outbox);
      }
    }
  }

  async function sweepRegularly(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(sweepEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted || waiting.size > roundSize) continue;
      await sweep(new Date(now().getTime() - sweepAgeMs)).catch((error) => {
        logger.warn({ err: error }, 'could not look for leftover events yet');
      });
    }
  }

  return {
    offer,

    async watch(collection) {
      collections.add(collection);
      await documents(collection).createIndex(
        { 'outbox.id': 1 },
        { partialFilterExpression: { 'outbox.id': { $exists: true } } },
      );
    },

    async start() {
      await ensureStream(bus, announcer, stream);
      await sweep(now());
      running = Promise.all([pump(), sweepRegularly()]);
    },

    async flush() {
      while (waiting.size > 0 || handled.size > 0) await sleep(5);
    },

    async stop(withinMs) {
      stopping.abort();
      wake();
      await Promise.race([running, sleep(withinMs, undefined, { ref: false })]);
      waiting.clear();
    },

    waiting: () => waiting.values().reduce((sum, { events }) => sum + events.length, 0),
  };
}
