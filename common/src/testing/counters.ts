import pino, { type Logger } from 'pino';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import type { Bus } from '../messaging/bus.ts';
import { createRelay, type Relay, type RelayOptions } from '../messaging/relay/relay.ts';
import { type AggregateKind, type Aggregates, aggregates } from '../store/aggregates.ts';
import { changed } from '../store/change.ts';
import type { Announcements } from '../store/outbox.ts';
import { readAfter } from './announce.ts';
import { type TestDatabase, testBus, testDatabase } from './engines.ts';
import { newId } from './parts.ts';

/** A minimal aggregate, for tests of what all aggregates have in common. */
export const Counter = z.object({ id: z.string(), version: z.int(), count: z.int() });
export type Counter = z.infer<typeof Counter>;

const counterEvent = (type: string) => defineEvent({ type, announcedBy: 'tickets', data: Counter, summary: 'A test.' });
export const CounterMade = counterEvent('ticket.created');
export const CounterRaised = counterEvent('ticket.updated');

export const raise = (counter: Counter) => changed({ ...counter, count: counter.count + 1 }, CounterRaised);
export const newCounter = (count = 0) => changed({ id: newId(), version: 0, count }, CounterMade);

export const counterKind: AggregateKind<Counter> = {
  collection: 'counters',
  state: Counter,
  snapshot: (it) => it,
  current: () => [CounterRaised],
};

const logger = pino({ level: 'silent' });
const now = () => new Date();

/** Counters in their own database, and a relay that announces them on the stream `tickets`. */
export interface CounterBench {
  readonly bus: Bus;
  readonly database: TestDatabase;
  relayOptions(): RelayOptions;
  newStore(through: Announcements, log?: Logger): Aggregates<Counter>;
  /** A started relay and the counters that it announces. */
  start(more?: Partial<RelayOptions>): Promise<{ relay: Relay; counters: Aggregates<Counter> }>;
  /** The documents with something in their outbox. */
  outboxes(): Promise<{ _id: unknown; outbox: unknown[] }[]>;
  /** What is in the stream, oldest first. */
  published(): Promise<{ type: string; data: Counter }[]>;
  /** Empties stream and database. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

export async function openCounters(own: { bus?: Bus } = {}): Promise<CounterBench> {
  const [bus, database] = await Promise.all([own.bus ?? testBus(), testDatabase()]);
  const { connection } = database;
  const relayOptions = (): RelayOptions => ({
    ...{ bus, connection, logger, now, announcer: 'tickets', stream: { replicas: 1 }, sweepEveryMs: 100 },
  });
  const newStore = (through: Announcements, log = logger) =>
    aggregates(counterKind, { connection, relay: through, now, newId, logger: log });
  return {
    bus,
    database,
    relayOptions,
    newStore,

    async start(more) {
      const relay = createRelay({ ...relayOptions(), ...more });
      const counters = newStore(relay);
      await counters.prepare();
      await relay.start();
      return { relay, counters };
    },

    outboxes: () =>
      connection
        .collection<{ outbox: unknown[] }>('counters')
        .find({ 'outbox.id': { $gt: '' } })
        .toArray(),

    async published() {
      const { state } = await bus.jsm.streams.info('tickets');
      if (state.messages === 0) return [];
      const messages = await readAfter(bus, 'tickets', state.first_seq - 1, state.last_seq);
      return messages.map((it) => ({ type: it.header.get('ce-type'), data: Counter.parse(it.json()) }));
    },

    async clear() {
      await bus.jsm.streams.delete('tickets').catch(() => {});
      await connection.collection('counters').deleteMany({});
    },

    async end() {
      await database.drop();
      if (!own.bus) await bus.close();
    },
  };
}

/** Publishes nothing, like a process that wrote and died before it could publish. */
export const dying = (relay: Relay): Announcements => ({ watch: relay.watch, offer: () => false });
