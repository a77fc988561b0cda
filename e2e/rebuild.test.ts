import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, untilConnected } from '@box-office/common/messaging/bus';
import { type Listening, listen, on } from '@box-office/common/messaging/listener';
import { createBookmark } from '@box-office/common/messaging/relay/bookmark';
import type { Relay, RelayOptions } from '@box-office/common/messaging/relay/relay';
import { ensureStream } from '@box-office/common/messaging/topology';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { type Copies, copies } from '@box-office/common/store/copies';
import { createLogger } from '@box-office/common/telemetry/logger';
import {
  Counter,
  type CounterBench,
  CounterMade,
  CounterRaised,
  newCounter,
  openCounters,
  raise,
} from '@box-office/common/testing/counters';
import { losing } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { loggerInto } from '@box-office/common/testing/log';
import { newId } from '@box-office/common/testing/parts';
import { startNats } from '@box-office/local/engines';
import { copyOf } from './support/file-copy.ts';

const now = () => new Date();
const silent = createLogger({ name: 'test', level: 'silent' });
const stream = { replicas: 1 };

/** A separate server: these tests stop it, and change its files while it is down. */
let dir: string;
let nats: Awaited<ReturnType<typeof startNats>>;
let bus: Bus;
let bench: CounterBench;
let relay: Relay;
let counters: Aggregates<Counter>;
let seen: Copies<Counter>;
let listening: Listening | undefined;
let logged: string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-rebuild-'));
  nats = await startNats({ dir: join(dir, 'nats'), accounts: 0 });
  bus = losing(await connectBus(nats.url, 'test'));
});

beforeEach(async () => {
  logged = [];
  bench = await openCounters({ bus });
  const { connection } = bench.database;
  seen = copies({ collection: 'seen', data: Counter }, { connection, logger: silent });
  await startOwner();
});

afterEach(async () => {
  await listening?.stop();
  listening = undefined;
  await relay.stop(2_000);
  await bench.clear();
  await bench.end();
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
  await rm(dir, { recursive: true, force: true });
});

async function startOwner(more: Partial<RelayOptions> = {}): Promise<void> {
  ({ relay, counters } = await bench.start({ logger: loggerInto(logged), ...more }));
}

const make = () => counters.add(newCounter());

async function makeAndRaise(number: number): Promise<void> {
  const made = await Promise.all(Array.from({ length: number }, make));
  await Promise.all(made.map(({ id }) => counters.change(id, raise)));
  await relay.flush();
}

/** A listener that stores what it receives. */
async function startListener(): Promise<void> {
  const take = async ({ data }: { data: Counter }) => void (await seen.take(data));
  const listeners = [on(CounterMade, take), on(CounterRaised, take)];
  listening = listen({ bus, service: 'orders', listeners, stream, logger: silent, now });
  await listening.ready;
}

const byId = (all: Counter[]) => all.toSorted((a, b) => a.id.localeCompare(b.id));

const copiesEqualTheOwners = async () =>
  expect(byId(await seen.query({}, 10_000))).toEqual(byId(await counters.query({})));

const sequence = async () => (await bus.jsm.streams.info('tickets')).state.last_seq;
const bookmark = () => bench.database.connection.collection<{ _id: string }>('bookmarks').findOne({ _id: 'tickets' });
const reasons = () => logged.map((line) => JSON.parse(line).reason).filter(Boolean);

const files = (part = '') => join(dir, 'nats/jetstream/$G/streams/tickets', part);

/** Stops the server, changes its files, and restarts it at the same address. */
async function whileDown(change: () => Promise<void>): Promise<void> {
  const port = Number(new URL(nats.url).port);
  await nats.stop();
  await change();
  nats = await startNats({ dir: join(dir, 'nats'), port, accounts: 0 });
}

describe('a stream that has lost what was announced', () => {
  it.each([
    ['while its owner runs', false],
    ['while nobody runs', true],
  ])('is filled again when it was deleted %s', async (_, alone) => {
    await makeAndRaise(80);
    if (alone) await relay.stop(2_000);
    await bus.jsm.streams.delete('tickets');
    await ensureStream(bus, 'tickets', stream);
    if (alone) await startOwner();
    await eventually(async () => expect(await sequence()).toBe(80));
    await startListener();
    await eventually(copiesEqualTheOwners);
    expect(reasons()).toContainEqual(expect.stringContaining('another one'));
  });

  it('is heard again by a listener that runs', async () => {
    await startListener();
    await makeAndRaise(30);
    await eventually(copiesEqualTheOwners);
    await listening?.stop();
    await makeAndRaise(30);
    await bus.jsm.streams.delete('tickets');
    await startListener();
    await eventually(copiesEqualTheOwners);
  });

  it.each([
    ['and its consumers with it', ''],
    // A power cut: what the server knew of its consumers had reached the disk, and the last messages had not. It
    // corrects them by itself (2.12).
    ['and its consumers were further', '/msgs'],
  ])(
    'is filled again when an older copy took its place, %s',
    async (_, part) => {
      await startListener();
      await makeAndRaise(10);
      await eventually(copiesEqualTheOwners);
      const putBack = await copyOf(files(part), whileDown);
      await makeAndRaise(100);
      await eventually(copiesEqualTheOwners);
      await listening?.stop();
      // No listener receives these before they are lost.
      await makeAndRaise(100);
      const before = await sequence();
      await putBack();
      await eventually(() => expect(reasons()).toContainEqual(expect.stringContaining(`${before} was acknowledged`)));
      await startListener();
      await eventually(copiesEqualTheOwners);
      expect((await seen.query({}, 10_000)).length).toBe(210);
    },
    300_000,
  );

  it('is told by what it gives out when it has grown again before anybody looked', async () => {
    const mark = createBookmark(bus, bench.database.connection, 'tickets', stream);
    await (await mark.begin())();
    for (let i = 0; i < 10; i++) await bus.js.publish(`tickets.${newId()}.updated`, '{}');
    const at = (sequence: number) => ({ eventId: newId(), sequence, duplicate: false });
    expect(mark.reached([at(7), at(5), at(6)])).toBe(true);
    expect(mark.reached([at(8)])).toBe(true);
    expect(mark.reached([at(8)])).toBe(false);
    expect(await mark.check()).toContain('a second time');
  });

  it('is filled again although others had made it longer than it was before its owner looked', async () => {
    await makeAndRaise(10);
    const putBack = await copyOf(files(), whileDown);
    await makeAndRaise(5);
    await relay.stop(2_000);
    const before = await sequence();
    await putBack();
    await untilConnected(bus, AbortSignal.timeout(10_000));
    while ((await sequence()) <= before) await bus.js.publish(`tickets.${newId()}.updated`, '{}');
    await startOwner();
    await eventually(() => expect(reasons()).toContainEqual(expect.stringContaining(`another event at ${before}`)));
    await startListener();
    await eventually(copiesEqualTheOwners);
    await eventually(async () => expect(await bookmark()).toMatchObject({ due: false }));
    // The next owner finds it whole.
    const found = reasons().length;
    await relay.stop(2_000);
    await startOwner();
    expect(reasons()).toHaveLength(found);
  });

  it('gets what it lacks and no more even when the process that announced it died halfway', async () => {
    await makeAndRaise(10);
    await relay.stop(2_000);
    await createBookmark(bus, bench.database.connection, 'tickets', stream).begin();
    const lacking = (await counters.query({})).slice(0, 4);
    for (const { id } of lacking) await bus.jsm.streams.purge('tickets', { filter: `tickets.${id}.updated` });
    const before = await sequence();
    await startOwner();
    await eventually(async () => expect(await bookmark()).toMatchObject({ due: false }));
    expect(await sequence()).toBe(before + 4);
    expect(reasons()).toContainEqual(expect.stringContaining('not finished'));
    await startListener();
    await eventually(copiesEqualTheOwners);
  });

  it('is told again what it holds at an earlier version, and what it holds as nonsense', async () => {
    await makeAndRaise(3);
    const [older, nonsense] = await counters.query({});
    if (!older || !nonsense) throw new Error('three were made');
    await relay.stop(2_000);
    await createBookmark(bus, bench.database.connection, 'tickets', stream).begin();
    for (const [{ id }, payload] of [
      [older, JSON.stringify({ id: older.id, version: 0, count: 0 })],
      [nonsense, '?'],
    ] as const) {
      await bus.jsm.streams.purge('tickets', { filter: `tickets.${id}.updated` });
      await bus.js.publish(`tickets.${id}.updated`, payload);
    }
    const before = await sequence();
    await startOwner();
    await eventually(async () => expect(await bookmark()).toMatchObject({ due: false }));
    expect(await sequence()).toBe(before + 2);
  });
});

describe('a stream that is whole', () => {
  it('is left alone by every further start, also after the last messages were purged', async () => {
    await makeAndRaise(20);
    await bus.jsm.streams.purge('tickets', { filter: 'tickets.*.updated' });
    const before = await sequence();
    for (let starts = 0; starts < 3; starts++) {
      await relay.stop(2_000);
      await startOwner();
    }
    await makeAndRaise(1);
    expect(await sequence()).toBe(before + 2);
    // The database was empty when its owner first started, so it could not know.
    expect(reasons()).toEqual(['it is unknown which stream was written to']);
  });

  it('is known to its very end before an event leaves its outbox', async () => {
    await makeAndRaise(20);
    expect(await bookmark()).toMatchObject({ sequence: await sequence(), due: false });
  });

  it('is left alone by one of two owners while the other writes', async () => {
    const other = { relay, counters };
    await startOwner();
    for (let round = 0; round < 10; round++) {
      await makeAndRaise(10);
      const made = await other.counters.add(newCounter());
      await counters.change(made.id, raise);
    }
    await relay.flush();
    await other.relay.stop(2_000);
    expect(reasons()).toEqual(['it is unknown which stream was written to']);
  });
});

describe('while the broker is away', () => {
  it('what is written is announced as soon as the broker is back', async () => {
    await makeAndRaise(1);
    await whileDown(async () => undefined);
    const from = performance.now();
    await makeAndRaise(1);
    // A request into the broken connection would fail after 5 s.
    expect(performance.now() - from).toBeLessThan(4_000);
  });

  /** So small that most writes do not fit. */
  const limits = { roundSize: 100, maxEvents: 450, maxSize: 1024 * 1024 };

  it('an owner holds no more than its bound, and everything is announced in order once the broker is back', async () => {
    await relay.stop(2_000);
    await startOwner({ limits });
    const made = await Promise.all(Array.from({ length: 150 }, make));
    await relay.flush();
    let most = 0;
    await whileDown(async () => {
      for (let round = 0; round < 6; round++) {
        await Promise.all(made.map(({ id }) => counters.change(id, raise)));
        most = Math.max(most, relay.waiting());
      }
      expect(most).toBeGreaterThan(limits.maxEvents / 2);
      expect(most).toBeLessThanOrEqual(limits.maxEvents);
    });
    // New events must not overtake those left in the outboxes.
    await Promise.all(made.map(({ id }) => counters.change(id, raise)));
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    const versions = Map.groupBy(await bench.published(), ({ data }) => data.id);
    for (const { id } of made)
      expect(versions.get(id)?.map(({ data }) => data.version)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(versions.size).toBe(made.length);
  });
});
