import { nanos } from '@nats-io/transport-node';
import { testBus } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { ensureConsumer, ensureStream } from './topology.ts';

const stream = { replicas: 1 };

let bus: Bus;

beforeAll(async () => {
  bus = await testBus();
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
  });

  it('is created once, and its owner may create it again', async () => {
    await Promise.all([ensureStream(bus, 'payments', stream), ensureStream(bus, 'payments', stream)]);
    await ensureStream(bus, 'payments', stream);
    const { config } = await bus.jsm.streams.info('payments');
    expect(config).toMatchObject({ subjects: ['payments.>'], storage: 'file', allow_atomic: true });
    await bus.jsm.streams.delete('payments');
  });
});
