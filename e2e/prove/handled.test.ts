import type { Bus } from '@box-office/common/messaging/bus';
import { testBus } from '@box-office/common/testing/engines';
import { AckPolicy, type JsMsg } from '@nats-io/jetstream';
import { nothingIsPending } from './handled.ts';

let bus: Bus;

beforeAll(async () => {
  bus = await testBus();
  await bus.jsm.streams.add({ name: 'orders', subjects: ['orders.>'] });
  await bus.jsm.consumers.add('orders', { durable_name: 'tickets', ack_policy: AckPolicy.Explicit });
});

afterAll(() => bus.close());

const next = async (): Promise<JsMsg> => {
  const message = await (await bus.js.consumers.get('orders', 'tickets')).next();
  if (!message) throw new Error('there is a message');
  return message;
};

it('something is pending until each event is acknowledged, also while it waits to be tried again', async () => {
  expect(await nothingIsPending(bus.jsm)).toBe(true);
  await bus.js.publish('orders.1', '{}');
  expect(await nothingIsPending(bus.jsm)).toBe(false);
  const message = await next();
  expect(await nothingIsPending(bus.jsm)).toBe(false);
  message.nak(200);
  expect(await nothingIsPending(bus.jsm)).toBe(false);
  await (await next()).ackAck();
  expect(await nothingIsPending(bus.jsm)).toBe(true);
});

it('what nobody but a reader without a name has not read is not pending', async () => {
  await bus.jsm.consumers.add('orders', { ack_policy: AckPolicy.Explicit });
  await bus.js.publish('orders.2', '{}');
  await (await next()).ackAck();
  expect(await nothingIsPending(bus.jsm)).toBe(true);
});
