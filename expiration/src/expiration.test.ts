import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import { type Order, OrderCancelled, OrderCompleted, OrderCreated } from '@box-office/common/contracts/orders';
import type { Service } from '@box-office/common/service';
import { announce, announced, announceNonsense } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import request from 'supertest';
import { createExpiration } from './service.ts';

let parts: TestParts;
let service: Service;

beforeAll(async () => {
  parts = await testParts();
  service = createExpiration(parts);
  await service.start();
});

afterAll(async () => {
  await service.stop();
  await parts.end();
});

const orderFor = (ms: number): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: new Date(Date.now() + ms).toISOString(),
  ticket: { id: newId(), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
});

const expirationsOf = async ({ id }: Order) =>
  (await announced(parts.bus, ExpirationCompleted)).filter((expiration) => expiration.id === id);

const timers = async () =>
  (await parts.bus.jsm.streams.info('expiration', { subjects_filter: 'expiration.*.timer' })).state.subjects ?? {};

const timerOf = ({ id }: Order) => `expiration.${id}.timer`;

describe('the end of an order’s time', () => {
  it('is announced once, within a second and never early', async () => {
    const order = orderFor(10_000);
    for (let i = 0; i < 10; i++) await announce(parts.bus, OrderCreated, order);
    // Before its time is up: an order that is handled later is announced again.
    await eventually(async () => {
      const { num_pending, num_ack_pending } = await parts.bus.jsm.consumers.info('orders', 'expiration');
      expect(num_pending + num_ack_pending).toBe(0);
    });
    await eventually(async () => expect(await expirationsOf(order)).toHaveLength(1));
    // By the clock of the server: this test may notice it much later.
    const last_by_subj = `expiration.${order.id}.completed`;
    const stored = await parts.bus.jsm.streams.getMessage('expiration', { last_by_subj });
    const late = Number(stored?.time) - Date.parse(order.expiresAt);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
    expect(await expirationsOf(order)).toEqual([{ id: order.id, version: 0, expiresAt: order.expiresAt }]);
    await eventually(async () => expect(await timers()).not.toHaveProperty([timerOf(order)]));
  });

  it('is announced at once if it has passed before the order arrives', async () => {
    const order = orderFor(-60_000);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await expirationsOf(order)).toHaveLength(1));
  });

  it.each([
    ['complete', OrderCompleted],
    ['cancelled', OrderCancelled],
  ] as const)('is forgotten when the order is %s', async (status, event) => {
    const order = orderFor(60_000);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(order)]));
    await announce(parts.bus, event, { ...order, version: 1, status });
    await eventually(async () => expect(await timers()).not.toHaveProperty([timerOf(order)]));
  });

  it('is kept by JetStream, not by this process', async () => {
    // Long enough for the service to be stopped before.
    const order = orderFor(8_000);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(order)]));
    await service.stop();
    await eventually(async () => expect(await expirationsOf(order)).toHaveLength(1));
    const { Registry } = await import('prom-client');
    service = createExpiration({ ...parts, metrics: new Registry() });
    await service.start();
  });

  it('is announced in spite of an unreadable message', async () => {
    await announceNonsense(parts.bus, OrderCreated, '{"id": 7}');
    const order = orderFor(-1);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await expirationsOf(order)).toHaveLength(1));
  });
});

describe('lost timers', () => {
  const restart = async () => {
    await service.stop();
    return async () => {
      const { Registry } = await import('prom-client');
      service = createExpiration({ ...parts, metrics: new Registry() });
      await service.start();
    };
  };

  it.each([
    ['while it runs', false],
    ['while it does not run', true],
  ])('whose stream was %s are set again for open orders', async (_, down) => {
    const [open, ended, soon] = [orderFor(60_000), orderFor(60_000), orderFor(5_000)];
    for (const order of [open, ended, soon]) await announce(parts.bus, OrderCreated, order);
    await announce(parts.bus, OrderCancelled, { ...ended, version: 1, status: 'cancelled', reason: 'buyer' });
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(open)]));
    await eventually(async () => expect(await timers()).not.toHaveProperty([timerOf(ended)]));
    const start = down ? await restart() : async () => {};
    await parts.bus.jsm.streams.delete('expiration');
    await start();
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(open)]));
    await eventually(async () => expect(await timers()).not.toHaveProperty([timerOf(ended)]));
    await eventually(async () => expect((await expirationsOf(soon)).length).toBeGreaterThan(0));
  });

  it('are set again after the loss of all streams, when orders are announced again', async () => {
    const order = orderFor(60_000);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(order)]));
    for (const stream of ['orders', 'expiration']) await parts.bus.jsm.streams.delete(stream);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await timers()).toHaveProperty([timerOf(order)]));
  });

  it('are not searched for without a loss, so nothing is announced twice', async () => {
    const order = orderFor(-1);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await expirationsOf(order)).toHaveLength(1));
    const before = (await parts.bus.jsm.consumers.info('orders', 'expiration')).created;
    await (await restart())();
    await eventually(() => expect(service.waitingFor()).toEqual([]));
    expect((await parts.bus.jsm.consumers.info('orders', 'expiration')).created).toBe(before);
    expect(await expirationsOf(order)).toHaveLength(1);
  });
});

describe('its health', () => {
  it('is ready once it listens to orders, and serves nothing else', async () => {
    await eventually(async () => {
      const answer = await request(service.app).get('/healthz/ready');
      expect(answer.body).toEqual({ ready: true, waitingFor: [] });
    });
    await request(service.app).get('/healthz/live').expect(200);
    await request(service.app).get('/api/expiration').expect(404);
    expect((await request(service.app).get('/metrics').expect(200)).text).toContain('http_request_duration_seconds');
  });
});
