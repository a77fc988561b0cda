import pino from 'pino';
import { announce } from '../testing/announce.ts';
import { type Cable, cable } from '../testing/cable.ts';
import { connectTestBus, losing, testBusUrl } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { Made } from './dead-letters-under-test.ts';
import { type Listening, listen, on } from './listener.ts';
import { ensureConsumer, ensureStream } from './topology.ts';

/** Long enough for another replica to get a message, and short enough to wait for. */
const stream = { replicas: 1, ackWaitMs: 2_000 };

describe('a message that was received before the broker was replaced by an older copy of itself', () => {
  let bus: Bus;
  let wire: Cable;
  let replica: Bus;
  let listening: Listening;

  beforeEach(async () => {
    const url = await testBusUrl();
    bus = losing(await connectTestBus(url));
    wire = await cable(url);
    replica = await connectTestBus(wire.url);
  });

  afterEach(async () => {
    await listening.stop();
    await Promise.all([replica.close(), bus.close()]);
    await wire.close();
  });

  it('acknowledges nothing that has taken its place in the stream', async () => {
    await ensureStream(bus, 'tickets', stream);
    const [older, newer] = [newId(), newId()];
    const heard: string[] = [];
    const slow = Promise.withResolvers<void>();
    listening = listen({
      bus: replica,
      service: 'orders',
      listeners: [
        on(Made, async ({ data: { id } }) => {
          heard.push(id);
          if (id === older) await slow.promise;
        }),
      ],
      stream,
      logger: pino({ level: 'silent' }),
      now: () => new Date(),
    });
    await listening.ready;
    await announce(bus, Made, { id: older, version: 0 });
    await eventually(() => expect(heard).toEqual([older]));

    wire.pull();
    await bus.jsm.streams.delete('tickets');
    await ensureStream(bus, 'tickets', stream);
    await ensureConsumer(bus, 'tickets', 'orders', ['tickets.*.created'], stream);
    await announce(bus, Made, { id: newer, version: 0 });
    // Another replica that gets it, and dies.
    const taken = await (await bus.js.consumers.get('tickets', 'orders')).next();
    expect(taken?.json()).toMatchObject({ id: newer });
    wire.plug();
    await eventually(() => expect(replica.connectedSince()).not.toBeNull());
    slow.resolve();

    await eventually(() => expect(heard).toEqual([older, newer]));
  });
});
