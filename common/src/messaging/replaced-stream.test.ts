import pino from 'pino';
import { announce } from '../testing/announce.ts';
import { type Cable, cable } from '../testing/cable.ts';
import { connectTestBus, losing, testBusUrl } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { Made } from './dead-letters-under-test.ts';
import { type Listening, listen, on } from './listener.ts';
import { startReading } from './reading.ts';
import { ensureConsumer, ensureStream } from './topology.ts';

/** Long enough for another replica to get a message, and short enough to wait for. */
const stream = { replicas: 1, ackWaitMs: 2_000 };

describe('a message that was received before the broker was replaced by an older copy of itself', () => {
  let bus: Bus;
  let wire: Cable;
  let replica: Bus;
  let listening: Listening;
  let slow: PromiseWithResolvers<void>;
  const heard: string[] = [];
  const slowId = newId();

  beforeEach(async () => {
    const url = await testBusUrl();
    bus = losing(await connectTestBus(url));
    wire = await cable(url);
    replica = await connectTestBus(wire.url);
    slow = Promise.withResolvers<void>();
    heard.length = 0;
    await ensureStream(bus, 'tickets', stream);
  });

  afterEach(async () => {
    slow.resolve();
    wire.plug();
    await listening.stop();
    await Promise.all([replica.close(), bus.close()]);
    await wire.close();
  });

  /** Resolves once the slow message is being handled. */
  async function start(concurrency: number): Promise<void> {
    listening = listen({
      bus: replica,
      service: 'orders',
      listeners: [
        on(Made, async ({ data: { id } }) => {
          heard.push(id);
          if (id === slowId) await slow.promise;
        }),
      ],
      stream,
      logger: pino({ level: 'silent' }),
      now: () => new Date(),
      concurrency,
    });
    await listening.ready;
    await announce(bus, Made, { id: slowId, version: 0 });
    await eventually(() => expect(heard).toEqual([slowId]));
  }

  /** Puts another message in its place, which another replica gets that then dies. */
  async function replace(): Promise<string> {
    await bus.jsm.streams.delete('tickets');
    await ensureStream(bus, 'tickets', stream);
    await ensureConsumer(bus, 'tickets', 'orders', ['tickets.*.created'], stream);
    const newer = newId();
    const taker = (await bus.js.consumers.get('tickets', 'orders')).next();
    await announce(bus, Made, { id: newer, version: 0 });
    expect((await taker)?.json()).toMatchObject({ id: newer });
    return newer;
  }

  it('acknowledges nothing that has taken its place in the stream', async () => {
    await start(50);
    wire.pull();
    const newer = await replace();
    wire.plug();
    await eventually(() => expect(replica.connectedSince()).not.toBeNull());
    slow.resolve();
    await eventually(() => expect(heard).toEqual([slowId, newer]));
  });

  it('acknowledges nothing either if the stream is replaced while it is connected and has no room for more', async () => {
    await start(1);
    const newer = await replace();
    // By then it has been told.
    await replica.connection.flush();
    slow.resolve();
    await eventually(() => expect(heard).toEqual([slowId, newer]));
  });

  it('is handled once if it is still being handled when it is delivered again', async () => {
    await start(50);
    wire.pull();
    await eventually(() => expect(replica.connectedSince()).toBeNull());
    wire.plug();
    const again = async () => (await bus.jsm.consumers.info('tickets', 'orders')).num_redelivered;
    await eventually(async () => expect(await again()).toBeGreaterThan(0));
    await replica.connection.flush();
    slow.resolve();
    const pending = async () => (await bus.jsm.consumers.info('tickets', 'orders')).num_ack_pending;
    await eventually(async () => expect(await pending()).toBe(0));
    expect(heard).toEqual([slowId]);
  });
});

describe('reading from a broker that comes back', () => {
  let bus: Bus;
  let wire: Cable;
  let replica: Bus;
  let listening: Listening | undefined;

  beforeEach(async () => {
    const url = await testBusUrl();
    bus = losing(await connectTestBus(url));
    wire = await cable(url);
    replica = await connectTestBus(wire.url);
    await ensureStream(bus, 'tickets', stream);
  });

  afterEach(async () => {
    wire.plug();
    await listening?.stop();
    await Promise.all([replica.close(), bus.close()]);
    await wire.close();
  });

  /** As only a keeper of an earlier release or a copy of the server's files does. */
  const narrow = () => bus.jsm.consumers.update('tickets', 'orders', { filter_subjects: ['tickets.*.updated'] });

  it('has the consumer of an earlier release, which listened to less, made again', async () => {
    const heard: string[] = [];
    listening = listen({
      bus: replica,
      service: 'orders',
      listeners: [on(Made, async ({ data: { id } }) => void heard.push(id))],
      stream,
      logger: pino({ level: 'silent' }),
      now: () => new Date(),
    });
    await listening.ready;
    wire.pull();
    await eventually(() => expect(replica.connectedSince()).toBeNull());
    await narrow();
    const id = newId();
    await announce(bus, Made, { id, version: 0 });
    wire.plug();
    await eventually(() => expect(heard).toEqual([id]));
  });

  it('ends when its consumer no longer delivers everything', async () => {
    const subjects = ['tickets.*.created'];
    await ensureConsumer(bus, 'tickets', 'orders', subjects, stream);
    const options = { stream: 'tickets', consumer: 'orders', subjects, most: 1, underWay: new Map(), lookEveryMs: 50 };
    const { deliveries } = await startReading(replica, options);
    const ended = deliveries[Symbol.asyncIterator]().next();
    await narrow();
    expect(await ended).toMatchObject({ done: true });
    await expect(startReading(replica, options)).rejects.toThrow('does not deliver');
  });

  it('fails at once, and not at the end of its time, if the connection breaks again while it begins', async () => {
    const subjects = ['tickets.*.created'];
    await ensureConsumer(bus, 'tickets', 'orders', subjects, stream);
    wire.hold();
    const begun = startReading(replica, {
      stream: 'tickets',
      consumer: 'orders',
      subjects,
      most: 1,
      underWay: new Map(),
    });
    wire.pull();
    await expect(begun).rejects.toThrow('broke');
  });
});
