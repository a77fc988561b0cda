import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import { type Aggregates, aggregates } from '../store/aggregates.ts';
import { changed } from '../store/change.ts';
import { announce } from '../testing/announce.ts';
import { type TestDatabase, testBus, testDatabase } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import { newId, type TestClock, testClock } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { on } from './listener.ts';
import { type Participant, participant } from './participant.ts';
import { createRelay } from './relay/relay.ts';

const Counter = z.object({ id: z.string(), version: z.int() });
type Counter = z.infer<typeof Counter>;
const OwnEvent = defineEvent({ type: 'ticket.created', announcedBy: 'tickets', data: Counter, summary: 'A test.' });
const Heard = defineEvent({ type: 'order.created', announcedBy: 'orders', data: Counter, summary: 'A test.' });
const logger = pino({ level: 'silent' });
const stream = { replicas: 1 };

let bus: Bus;
let database: TestDatabase;
let now: TestClock;
let metrics: Registry;
let counters: Aggregates<Counter>;
let part: Participant;
let mayHandle: PromiseWithResolvers<void>;

beforeEach(async () => {
  [bus, database] = await Promise.all([testBus(), testDatabase()]);
  now = testClock();
  metrics = new Registry();
  mayHandle = Promise.withResolvers();
  const { connection } = database;
  const relay = createRelay({ bus, connection, announcer: 'tickets', stream, logger, now, sweepEveryMs: 100 });
  counters = aggregates(
    { collection: 'counters', state: Counter, snapshot: (it) => it, current: () => [OwnEvent] },
    { connection, relay, now, newId, logger },
  );
  part = participant({
    service: 'tickets',
    bus,
    connection,
    relay,
    stores: [counters],
    listeners: [on(Heard, () => mayHandle.promise)],
    stream,
    logger,
    metrics,
    now,
  });
});

afterEach(async () => {
  mayHandle.resolve();
  await part.stop();
  await database.drop().catch(() => {});
  await bus.close().catch(() => {});
});

async function value(line: string): Promise<number | undefined> {
  const lines = (await metrics.metrics()).split('\n');
  const found = lines.find((it) => it.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

describe('the age of the oldest waiting event', () => {
  const age = () => value('outbox_oldest_age_seconds');

  it('rises until it is announced', async () => {
    await counters.prepare();
    const begun = now().getTime();
    await counters.add(changed({ id: newId(), version: 0 }, OwnEvent));
    now.forward(60_000);
    await counters.add(changed({ id: newId(), version: 0 }, OwnEvent));
    now.forward(60_000);
    const seconds = await eventually(async () => {
      const seconds = await age();
      expect(seconds).toBeDefined();
      return seconds;
    });
    expect(seconds).toBeGreaterThan(119);
    expect(seconds).toBeLessThanOrEqual((now().getTime() - begun) / 1_000);
    await part.start();
    await eventually(async () => expect(await age()).toBe(0));
  });

  it('is left out while the database does not answer', async () => {
    await part.start();
    await eventually(async () => expect(await age()).toBe(0));
    await database.drop();
    expect(await age()).toBeUndefined();
  });
});

describe('the number of unacknowledged messages', () => {
  const waiting = () => value('listener_waiting_messages{stream="orders"}');
  const acknowledged = () => value('listener_acknowledged_sequence{stream="orders"}');

  it('includes those being handled, and is reported with the last acknowledged sequence', async () => {
    for (let version = 0; version < 3; version++) await announce(bus, Heard, { id: newId(), version });
    await part.start();
    await eventually(async () => expect(part.waitingFor()).toEqual([]));
    await eventually(async () => expect([await waiting(), await acknowledged()]).toEqual([3, 0]));
    mayHandle.resolve();
    await eventually(async () => expect([await waiting(), await acknowledged()]).toEqual([0, 3]));
  });

  it('is left out for a stream that does not exist', async () => {
    await part.start();
    await eventually(async () => expect(await value('listener_waiting_messages{stream="retries"}')).toBe(0));
    expect(await waiting()).toBeUndefined();
  });

  it('is left out while JetStream does not answer', async () => {
    await announce(bus, Heard, { id: newId(), version: 0 });
    await part.start();
    await eventually(async () => expect(await waiting()).toBe(1));
    mayHandle.resolve();
    await part.stop();
    await bus.close();
    expect(await waiting()).toBeUndefined();
  });
});
