import { headers, nanos } from '@nats-io/transport-node';
import mongoose from 'mongoose';
import pino from 'pino';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import { type Aggregates, aggregates } from '../store/aggregates.ts';
import { changed } from '../store/change.ts';
import { envelope } from '../store/outbox.ts';
import { type TestDatabase, testBus, testDatabase } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import type { Bus } from './bus.ts';
import { DeadLetter } from './dead-letters.ts';
import { type Listening, type ListenOptions, listen, NotYet, on } from './listener.ts';
import { createRelay, type Relay } from './relay.ts';
import { ensureConsumer, ensureDeadLetters, ensureStream } from './topology.ts';

const Counter = z.object({ id: z.string(), version: z.int(), count: z.int() });
type Counter = z.infer<typeof Counter>;
const counterEvent = (type: string) => defineEvent({ type, announcedBy: 'tickets', data: Counter, summary: 'A test.' });
const CounterMade = counterEvent('ticket.created');
const CounterRaised = counterEvent('ticket.updated');

const raise = (counter: Counter) => changed({ ...counter, count: counter.count + 1 }, CounterRaised);
const newId = () => new mongoose.Types.ObjectId().toHexString();
const now = () => new Date();
const logger = pino({ level: 'silent' });
const stream = { replicas: 1 };

let bus: Bus;
let database: TestDatabase;
let relay: Relay;
let counters: Aggregates<Counter>;

const relayOptions = () =>
  ({ bus, connection: database.connection, announcer: 'tickets', stream, logger, now, sweepEveryMs: 100 }) as const;
const newRelay = () => createRelay(relayOptions());

const newStore = (through: Pick<Relay, 'offer' | 'watch'>) =>
  aggregates(
    { collection: 'counters', state: Counter, snapshot: (it) => it, current: () => [CounterRaised] },
    { connection: database.connection, relay: through, now, newId, logger },
  );

const make = (count = 0) => counters.add(changed({ id: newId(), version: 0, count }, CounterMade));

const outboxes = async () =>
  database.connection
    .collection('counters')
    .find({ 'outbox.id': { $exists: true } })
    .toArray();

async function published(): Promise<{ type: string; data: Counter }[]> {
  const { state } = await bus.jsm.streams.info('tickets');
  const found: { type: string; data: Counter }[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await bus.jsm.streams.getMessage('tickets', { seq });
    if (message) found.push({ type: message.header.get('ce-type'), data: Counter.parse(message.json()) });
  }
  return found;
}

beforeAll(async () => {
  bus = await testBus();
  database = await testDatabase();
});

beforeEach(async () => {
  relay = newRelay();
  counters = newStore(relay);
  await counters.prepare();
  await relay.start();
});

afterEach(async () => {
  await relay.stop(2_000);
  await bus.jsm.streams.delete('tickets').catch(() => {});
  await database.connection.collection('counters').deleteMany({});
});

afterAll(async () => {
  await bus.close();
  await database.drop();
});

describe('the relay', () => {
  it('announces each version once, in order, and empties the outbox', async () => {
    const { id } = await make();
    for (let i = 0; i < 5; i++) await counters.change(id, raise);
    await relay.flush();
    expect((await published()).map(({ data }) => data.version)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await outboxes()).toEqual([]);
  });

  it('announces hundreds of changes at once in batches, each aggregate in order', async () => {
    const made = await Promise.all(Array.from({ length: 150 }, () => make()));
    await Promise.all(made.map(({ id }) => counters.change(id, raise)));
    await relay.flush();
    const events = await published();
    expect(events).toHaveLength(300);
    for (const { id } of made) {
      expect(events.filter(({ data }) => data.id === id).map(({ data }) => data.version)).toEqual([0, 1]);
    }
    expect(await outboxes()).toEqual([]);
  });

  it('announces what a process wrote and could not publish before it died', async () => {
    const dying = newStore({ ...relay, offer: () => {} });
    const { id } = await dying.add(changed({ id: newId(), version: 0, count: 7 }, CounterMade));
    expect(await outboxes()).toHaveLength(1);
    const successor = newRelay();
    await newStore(successor).prepare();
    await successor.start();
    await eventually(async () => expect((await published()).map(({ data }) => data.id)).toEqual([id]));
    await eventually(async () => expect(await outboxes()).toEqual([]));
    await successor.stop(1_000);
  });

  it('publishes nothing twice when it died after the publish and before the removal', async () => {
    const { id } = await make();
    await relay.flush();
    const event = { ...(await leftover(id)) };
    await database.connection
      .collection<{ _id: string }>('counters')
      .updateOne({ _id: id }, { $set: { outbox: [event] } });
    await eventually(async () => expect(await outboxes()).toEqual([]));
    expect(await published()).toHaveLength(1);
  });

  it('leaves in the outbox what joined it before the removal', async () => {
    const [still, changedSince] = [await make(), await make()];
    await eventually(async () => expect(await published()).toHaveLength(2));
    await newStore({ ...relay, offer: () => {} }).change(changedSince.id, raise);
    await relay.flush();
    const left = await outboxes();
    expect(left.map(({ _id, outbox }) => [String(_id), outbox.length])).toEqual([[changedSince.id, 1]]);
    await eventually(async () => expect(await outboxes()).toEqual([]));
    const versions = async (id: string) =>
      (await published()).flatMap(({ data }) => (data.id === id ? [data.version] : []));
    expect([await versions(still.id), await versions(changedSince.id)]).toEqual([[0], [0, 1]]);
  });

  it('takes up more leftovers than one round holds', async () => {
    const dying = newStore({ ...relay, offer: () => {} });
    const made = Array.from({ length: 1_200 }, () =>
      dying.add(changed({ id: newId(), version: 0, count: 7 }, CounterMade)),
    );
    await Promise.all(made);
    const successor = newRelay();
    await newStore(successor).prepare();
    await successor.start();
    await eventually(async () => expect(await outboxes()).toEqual([]));
    expect((await bus.jsm.streams.info('tickets')).state.messages).toBe(made.length);
    await successor.stop(1_000);
  });

  it('publishes a backlog singly when the batch is refused because one of its ids is known', async () => {
    const { id } = await make();
    await relay.flush();
    const known = await leftover(id);
    relay.offer('counters', id, [known], 0);
    const made = await Promise.all(Array.from({ length: 100 }, () => make()));
    await relay.flush();
    expect(await published()).toHaveLength(1 + made.length);
  });

  it('keeps each aggregate in order when a round fails while the next one is on its way', async () => {
    const failing = { batches: 1, messages: 1 };
    const js = Object.assign(Object.create(bus.js), {
      async startBatch(...args: Parameters<Bus['js']['startBatch']>) {
        const batch = await bus.js.startBatch(...args);
        return failing.batches-- > 0 ? { add() {}, commit: () => Promise.reject(new Error('refused')) } : batch;
      },
      publish: (...args: Parameters<Bus['js']['publish']>) =>
        failing.messages-- > 0 ? Promise.reject(new Error('refused')) : bus.js.publish(...args),
    });
    const own = createRelay({ ...relayOptions(), bus: { ...bus, js } });
    await own.start();
    const changes = (count: number) => {
      const id = newId();
      const events = Array.from({ length: count }, (_, version) => {
        const origin = { id: newId(), time: now(), traceparent: '' };
        return envelope(CounterRaised, { id, version, count: version }, origin);
      });
      own.offer('counters', id, events, count - 1);
      return id;
    };
    // The first round holds nothing but a part of its changes, and what is left of them would fit into the second.
    const busy = changes(1_600);
    for (let others = 0; others < 1_400; others++) changes(1);
    await own.flush();
    const all = await published();
    expect(all).toHaveLength(3_000);
    const versions = all.flatMap(({ data }) => (data.id === busy ? [data.version] : []));
    expect(versions).toEqual(Array.from({ length: 1_600 }, (_, version) => version));
    // Others went first meanwhile.
    expect(all[0]?.data.id).not.toBe(busy);
    await own.stop(1_000);
  });

  it('makes its stream again when it has vanished', async () => {
    await bus.jsm.streams.delete('tickets');
    const { id } = await make();
    await eventually(async () =>
      expect(new Set((await published()).map(({ data }) => data.id))).toEqual(new Set([id])),
    );
  });

  it('announces everything again at the version it has, and every listener ends where it was', async () => {
    const made = await Promise.all(Array.from({ length: 1_200 }, () => make()));
    await Promise.all(made.slice(0, 10).map(({ id }) => counters.change(id, raise)));
    await relay.flush();
    const before = (await published()).length;
    await relay.republish();
    const again = (await published()).slice(before);
    expect(again).toHaveLength(made.length);
    expect(new Set(again.map(({ data }) => data.id))).toEqual(new Set(made.map(({ id }) => id)));
    for (const { id } of made) {
      expect(again.find(({ data }) => data.id === id)?.data).toEqual(await counters.get(id));
    }
    expect(await outboxes()).toEqual([]);
  });

  it('announces again only after what still waits in the outbox', async () => {
    const dying = newStore({ ...relay, offer: () => {} });
    const { id } = await dying.add(changed({ id: newId(), version: 0, count: 0 }, CounterMade));
    await dying.change(id, raise);
    await relay.republish();
    expect((await published()).map(({ type, data }) => [type, data.version])).toEqual([
      ['ticket.created', 0],
      ['ticket.updated', 1],
      ['ticket.updated', 1],
    ]);
    await relay.flush();
    expect(await outboxes()).toEqual([]);
  });

  it('announces a single one again, by its outbox and under a new id, as it is while others change it', async () => {
    const { id } = await make();
    const elsewhere = newStore({ offer: () => undefined, watch: async () => undefined });
    await relay.flush();
    // While the relay has published the first event, and not yet removed it.
    const joined = await make();
    await eventually(async () => expect(await published()).toHaveLength(2));
    await elsewhere.announce(joined.id);
    await relay.flush();
    await eventually(async () => expect(await published()).toHaveLength(3));

    expect(await elsewhere.announce(id)).toBe(true);
    await eventually(async () => expect(await published()).toHaveLength(4));
    expect((await published())[3]).toEqual({ type: 'ticket.updated', data: { id, version: 0, count: 0 } });

    await Promise.all(Array.from({ length: 10 }, () => [counters.change(id, raise), elsewhere.announce(id)]).flat());
    await eventually(async () => expect(await outboxes()).toEqual([]));
    const events = (await published()).slice(4);
    expect(events).toHaveLength(20);
    expect(events.filter(({ data }) => data.version !== data.count)).toEqual([]);
    expect(await counters.get(id)).toEqual({ id, version: 10, count: 10 });
    await expect(elsewhere.announce(newId())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('announces the others again when one cannot be read', async () => {
    const { id } = await make();
    await relay.flush();
    await database.connection.collection<{ _id: string }>('counters').insertOne({ _id: newId() });
    const before = (await published()).length;
    await relay.republish();
    expect((await published()).slice(before).map(({ data }) => data.id)).toEqual([id]);
  });

  it('says so when it stops before everything was announced again', async () => {
    await Promise.all(Array.from({ length: 10 }, () => make()));
    const refused = expect(relay.republish()).rejects.toThrow('stopped before everything was announced');
    await relay.stop(1_000);
    await refused;
  });

  /** The event of an aggregate's first version, as its outbox held it. */
  async function leftover(id: string) {
    const message = await bus.jsm.streams.getMessage('tickets', { last_by_subj: `tickets.${id}.created` });
    if (!message) throw new Error('nothing was published');
    return {
      id: message.header.get('ce-id'),
      type: 'ticket.created',
      source: '/tickets',
      subject: message.subject,
      time: '2020-01-01T00:00:00.000Z',
      traceparent: '',
      data: Counter.parse(message.json()),
    };
  }
});

describe('a listener', () => {
  let listening: Listening | undefined;

  afterEach(async () => {
    await listening?.stop();
    await bus.jsm.streams.purge('dead-letters');
  });

  const start = (options: Partial<ListenOptions> & Pick<ListenOptions, 'listeners'>) => {
    listening = listen({ bus, service: 'orders', stream, logger, now, retryAfterMs: [10, 20], ...options });
    return listening.ready;
  };

  async function deadLetters() {
    await ensureDeadLetters(bus, stream);
    const { state } = await bus.jsm.streams.info('dead-letters');
    const found: DeadLetter[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await bus.jsm.streams.getMessage('dead-letters', { seq });
      if (message) found.push(DeadLetter.parse(message.json()));
    }
    return found;
  }

  it('hears what was announced before it began', async () => {
    const { id } = await make(5);
    const heard: Counter[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data))] });
    await eventually(() => expect(heard).toEqual([{ id, version: 0, count: 5 }]));
  });

  it('waits for a stream that nobody has made yet', async () => {
    await bus.jsm.streams.delete('tickets');
    const heard: string[] = [];
    const ready = start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    await eventually(() => expect(listening?.waitingFor()).toEqual(['stream tickets']));
    const { id } = await make();
    await ready;
    await eventually(() => expect(heard).toEqual([id]));
  });

  it('hears again after its stream vanished and came back', async () => {
    const heard: string[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    const first = await make();
    await eventually(() => expect(heard).toEqual([first.id]));
    await bus.jsm.streams.delete('tickets');
    const second = await make();
    await eventually(() => expect(heard).toContain(second.id));
  });

  it('tries again when its handler fails, and keeps nothing dead', async () => {
    let tries = 0;
    await start({
      listeners: [
        on(CounterMade, async () => {
          if (++tries < 3) throw new Error('not now');
        }),
      ],
    });
    await make();
    await eventually(() => expect(tries).toBe(3));
    expect(await deadLetters()).toEqual([]);
  });

  it('puts a message aside after its last try, with the reason, the stack and the headers it came with', async () => {
    await start({
      listeners: [
        on(CounterMade, async () => {
          throw new Error('never');
        }),
      ],
    });
    const { id } = await make(9);
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    const [letter] = await deadLetters();
    expect(letter).toMatchObject({ service: 'orders', stream: 'tickets', reason: 'never', deliveries: 3 });
    expect(letter?.stack).toContain('messaging.test.ts');
    expect(letter?.headers['ce-type']).toEqual(['ticket.created']);
    expect(JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString())).toEqual({ id, version: 0, count: 9 });
  });

  it.each([
    ['no JSON', 'ticket.created', '{"id": '],
    ['the wrong shape', 'ticket.created', '{"id": 7}'],
    ['no type', '', '{}'],
    ['a type nobody knows', 'ticket.exploded', '{}'],
  ])('puts a message with %s aside at once and does not hold up the next', async (_, type, payload) => {
    const heard: string[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    const lines = headers();
    lines.set('ce-id', newId());
    if (type) lines.set('ce-type', type);
    const id = newId();
    await bus.js.publish(`tickets.${id}.created`, payload, { headers: lines });
    await counters.add(changed({ id, version: 0, count: 0 }, CounterMade));
    await eventually(() => expect(heard).toEqual([id]));
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    expect((await deadLetters())[0]?.deliveries).toBe(1);
  });

  it('handles the events of one aggregate one after the other', async () => {
    const { id } = await make();
    for (let i = 0; i < 10; i++) await counters.change(id, raise);
    let running = 0;
    let most = 0;
    const heard: number[] = [];
    await start({
      listeners: [
        on(CounterRaised, async ({ data }) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
          heard.push(data.version);
        }),
      ],
    });
    await eventually(() => expect(heard).toHaveLength(10));
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(most).toBe(1);
  });

  it('burns no try while the store is away', async () => {
    let away = true;
    let calls = 0;
    await start({
      retryAfterMs: [],
      isStoreAway: (error) => Error.isError(error) && error.message === 'store away',
      listeners: [
        on(CounterMade, async () => {
          calls++;
          if (away) throw new Error('store away');
        }),
      ],
    });
    await make();
    await eventually(() => expect(calls).toBeGreaterThan(1));
    away = false;
    const before = calls;
    await eventually(() => expect(calls).toBe(before + 1));
    expect(await deadLetters()).toEqual([]);
  });

  it('gets a message again when it says not yet, without counting a try', async () => {
    let calls = 0;
    await start({
      retryAfterMs: [],
      listeners: [
        on(CounterMade, async () => {
          if (++calls === 1) throw new NotYet(30);
        }),
      ],
    });
    await make();
    await eventually(() => expect(calls).toBe(2));
    expect(await deadLetters()).toEqual([]);
  });

  it('finishes what it has in hand when it stops, and leaves the rest to the next at once', async () => {
    const made = await Promise.all(Array.from({ length: 900 }, () => make()));
    const heard = new Set<string>();
    // Each stops at its first message, while others are on their way: what has left the server must not be forgotten.
    for (let restarts = 0; restarts < 5; restarts++) {
      const stopped = Promise.withResolvers<void>();
      const once = on(CounterMade, async ({ data }) => {
        stopped.resolve(listening?.stop());
        await new Promise((resolve) => setTimeout(resolve, 20));
        heard.add(data.id);
      });
      await start({ listeners: [once], concurrency: 20 });
      await stopped.promise;
    }
    expect(heard.size).toBeGreaterThan(0);
    expect(heard.size).toBeLessThan(made.length);
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.add(data.id))] });
    await eventually(() => expect(heard.size).toBe(made.length), 5_000);
  });

  it('shares its messages with the other replicas of its service', async () => {
    const heard: string[] = [];
    const listener = on(CounterMade, async ({ data }) => void heard.push(data.id));
    await start({ listeners: [listener] });
    const replica = listen({ bus, service: 'orders', stream, logger, now, listeners: [listener] });
    await replica.ready;
    const made = await Promise.all(Array.from({ length: 30 }, () => make()));
    await eventually(() => expect(heard).toHaveLength(30));
    expect(new Set(heard)).toEqual(new Set(made.map(({ id }) => id)));
    await replica.stop();
  });
});

describe('the topology', () => {
  it('lets a release that listens to more take over the consumer of the one before, with its place in the stream', async () => {
    const { id } = await make();
    await counters.change(id, raise);
    await relay.flush();
    await ensureConsumer(bus, 'tickets', 'growing', ['tickets.*.created'], stream);
    const first = await (await bus.js.consumers.get('tickets', 'growing')).next();
    expect(first?.subject).toBe(`tickets.${id}.created`);
    await first?.ackAck();
    const patient = { ...stream, ackWaitMs: 90_000 };
    await ensureConsumer(bus, 'tickets', 'growing', ['tickets.*.created', 'tickets.*.updated'], patient);
    await ensureConsumer(bus, 'tickets', 'growing', ['tickets.*.created', 'tickets.*.updated'], patient);
    const { config, ack_floor } = await bus.jsm.consumers.info('tickets', 'growing');
    expect(config.filter_subjects).toEqual(['tickets.*.created', 'tickets.*.updated']);
    expect(config.ack_wait).toBe(nanos(90_000));
    expect(ack_floor.stream_seq).toBeGreaterThanOrEqual(1);
  });

  it('is made once and may be asked for again by its owner', async () => {
    await Promise.all([ensureStream(bus, 'payments', stream), ensureStream(bus, 'payments', stream)]);
    await ensureStream(bus, 'payments', stream);
    const { config } = await bus.jsm.streams.info('payments');
    expect(config).toMatchObject({ subjects: ['payments.>'], storage: 'file', allow_atomic: true });
    await bus.jsm.streams.delete('payments');
  });
});
