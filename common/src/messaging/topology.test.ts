import { nanos } from '@nats-io/transport-node';
import { keptDays } from '../contracts/kept.ts';
import { connectTestBus, testBusUrl } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { deadLetterStream, ensureConsumer, ensureDeadLetters, ensureStream } from './topology.ts';

const stream = { replicas: 1 };

let bus: Bus;

beforeAll(async () => {
  bus = await connectTestBus(await testBusUrl());
});

afterAll(() => bus.close());

describe('the topology', () => {
  it('lets a release with more listeners take over the existing consumer, with its position in the stream', async () => {
    await ensureStream(bus, 'tickets', stream);
    const id = newId();
    for (const what of ['created', 'updated']) await bus.js.publish(`tickets.${id}.${what}`, '{}');
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

    // A replica of the release before, which starts during the update, takes nothing away.
    await ensureConsumer(bus, 'tickets', 'growing', ['tickets.*.created'], patient);
    const after = await bus.jsm.consumers.info('tickets', 'growing');
    expect(after.config.filter_subjects).toEqual(['tickets.*.created', 'tickets.*.updated']);
  });

  it('is created once, and its owner may create it again', async () => {
    await Promise.all([ensureStream(bus, 'payments', stream), ensureStream(bus, 'payments', stream)]);
    await ensureStream(bus, 'payments', stream);
    const { config } = await bus.jsm.streams.info('payments');
    expect(config).toMatchObject({ subjects: ['payments.*.*'], storage: 'file', allow_atomic: true });
    await bus.jsm.streams.delete('payments');
  });

  it('keeps messages for as long as people are told', async () => {
    const ageOf = async (name: string) => (await bus.jsm.streams.info(name)).config.max_age / nanos(86_400_000);
    await Promise.all([
      ensureStream(bus, 'tickets', stream),
      ensureStream(bus, 'auth', stream),
      ensureDeadLetters(bus, 'orders', stream),
    ]);
    expect(await ageOf('tickets')).toBe(keptDays.events);
    expect(await ageOf('auth')).toBe(keptDays.unhandled);
    expect(await ageOf(deadLetterStream)).toBe(keptDays.unhandled);
  });

  it('lets nobody remove what was announced, not even with all rights', async () => {
    await ensureStream(bus, 'orders', stream);
    const { seq } = await bus.js.publish('orders.1.created', '{}');
    await expect(bus.jsm.streams.purge('orders')).rejects.toThrow('purge');
    await expect(bus.jsm.streams.deleteMessage('orders', seq)).rejects.toThrow('delete');
    expect((await bus.jsm.streams.info('orders')).state.messages).toBe(1);
  });
});
