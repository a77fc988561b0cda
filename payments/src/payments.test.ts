import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnnouncingService } from '@box-office/common/announcing-service';
import {
  type Order,
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderRefunded,
} from '@box-office/common/contracts/orders';
import {
  type Payment,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentFailed,
  PaymentRefunded,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { connectBus } from '@box-office/common/messaging/bus';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { announce, announced, announceNonsense } from '@box-office/common/testing/announce';
import { cable } from '@box-office/common/testing/cable';
import { testBusUrl, testDatabase } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import { type RunningSandbox, startSandbox } from '@box-office/stripe-sandbox/server';
import type Stripe from 'stripe';
import request from 'supertest';
import { loadConfig } from './config.ts';
import { begin as beginPayment } from './payment.ts';
import { createPayments } from './service.ts';
import { connectStripe } from './stripe.ts';

const webhookSecret = 'whsec_test';
/** What Stripe is about to sign with instead. */
const nextSecret = 'whsec_next';
const good = '4242424242424242';
/** So long that only a test which moves the clock sees the reconciler at work. */
const reconcileAfterMs = 600_000;

let parts: TestParts;
let service: AnnouncingService;
let server: Server;
let sandbox: RunningSandbox;
let stripe: Stripe;

beforeAll(async () => {
  parts = await testParts();
  server = createServer((req, res) => service.app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  sandbox = await startSandbox({
    webhookUrl: `http://127.0.0.1:${port}/api/payments/webhook`,
    webhookSecret,
    // Of two clocks that drift apart, everything at Stripe would look old.
    clock: () => parts.now().getTime(),
  });
  stripe = connectStripe('sk_test_sandbox', sandbox.url);
  service = createPayments({
    ...parts,
    stripe,
    publishableKey: 'pk_test_sandbox',
    webhookSecrets: [webhookSecret, nextSecret],
    reconcileEveryMs: 100,
    reconcileAfterMs,
  });
  await service.start();
});

afterEach(() => {
  sandbox.faults({});
});

afterAll(async () => {
  await service.stop();
  await sandbox.stop();
  server.closeAllConnections();
  server.close();
  await parts.end();
});

const as = (name: string) => ({ Authorization: `Bearer ${name}` });
const inAnHour = () => new Date(parts.now().getTime() + 3_600_000).toISOString();
const untilForgotten = () => parts.now.forward(reconcileAfterMs + 1_000);

const newOrder = (more: Partial<Order> = {}): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: inAnHour(),
  ticket: { id: newId(), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
  ...more,
});

const copies = () => parts.connection.collection<{ _id: string }>('payable-orders');
/** What a crash leaves behind between hearing of an order and doing something about it. */
const copyOnly = ({ id, status, version }: Order) => copies().updateOne({ _id: id }, { $set: { status, version } });
const copyOf = (id: string) => copies().findOne({ _id: id });

const paymentOf = (order: Order) => parts.connection.collection<StoredAggregate>('payments').findOne({ _id: order.id });

async function payable(more: Partial<Order> = {}): Promise<Order> {
  const order = newOrder(more);
  await announce(parts.bus, OrderCreated, order);
  await eventually(async () => expect(await copyOf(order.id)).not.toBeNull());
  return order;
}

const begin = (order: Order, buyer = 'buyer') =>
  request(service.app).post('/api/payments').set(as(buyer)).send({ orderId: order.id });

/** What the buyer's browser does with the answer: confirms with a card. */
async function confirm(clientSecret: string, card: string): Promise<number> {
  const [intent = ''] = clientSecret.split('_secret_');
  const response = await fetch(`${sandbox.url}/v1/payment_intents/${intent}/confirm`, {
    method: 'POST',
    headers: { Authorization: 'Bearer pk_test_sandbox' },
    body: new URLSearchParams({
      client_secret: clientSecret,
      return_url: 'http://localhost/',
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': card,
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': '2034',
      'payment_method_data[card][cvc]': '123',
    }),
  });
  return response.status;
}

async function pay(order: Order, card = good): Promise<string> {
  const { body } = await begin(order).expect(201);
  expect(await confirm(body.clientSecret, card)).toBe(card === good ? 200 : 402);
  return String(body.clientSecret).split('_secret_')[0] ?? '';
}

const intentsOf = (order: Order) => sandbox.state().intents.filter(({ metadata }) => metadata.orderId === order.id);
const refundsOf = (order: Order) => {
  const ids = intentsOf(order).map(({ id }) => id);
  return sandbox.state().refunds.filter(({ intentId }) => ids.includes(intentId));
};
const intentStatus = (order: Order, status: string) =>
  eventually(() => expect(intentsOf(order).map((intent) => intent.status)).toEqual([status]));

type Kind = typeof PaymentAuthorized;
const newsOf = async (order: Order, kind: Kind): Promise<Payment[]> =>
  (await announced(parts.bus, kind)).filter(({ orderId }) => orderId === order.id);
const heard = (order: Order, kind: Kind) => eventually(async () => expect(await newsOf(order, kind)).toHaveLength(1));

/** All that was announced so far has been dealt with, so that nothing more can come of it. */
const allHeard = () =>
  eventually(async () => {
    const { num_pending, num_ack_pending } = await parts.bus.jsm.consumers.info('orders', 'payments');
    expect([num_pending, num_ack_pending]).toEqual([0, 0]);
  });
/** What Stripe was asked about an order's payment. */
const askedAbout = (order: Order) => {
  const paths = intentsOf(order).map(({ id }) => `/v1/payment_intents/${id}`);
  const { last } = sandbox.state().requests;
  return last.filter(({ path, key }) => key?.startsWith(order.id) || paths.some((it) => path.startsWith(it)));
};
/** The idempotency keys that Stripe was asked with to take the money. */
const keysOfCaptures = (order: Order) => {
  const captures = askedAbout(order).filter(({ path }) => path.endsWith('/capture'));
  return [...new Set(captures.map(({ key }) => key))];
};

const signed = (payload: string, secret = webhookSecret, { app } = service) =>
  request(app)
    .post('/api/payments/webhook')
    .set('stripe-signature', stripe.webhooks.generateTestHeaderString({ payload, secret }))
    .set('Content-Type', 'application/json')
    .send(payload);

/** What Stripe has told about an order, newest first. */
async function eventsAbout(order: Order): Promise<Stripe.Event[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  const about = data.filter((event) => JSON.stringify(event).includes(order.id));
  expect(about.length).toBeGreaterThan(0);
  return about;
}

/**
 * Sends every webhook about an order once more, under ids that nobody remembers. Answered means dealt with, so nothing
 * more can come of them.
 */
async function tellAll(order: Order): Promise<void> {
  for (const event of await eventsAbout(order)) {
    await signed(JSON.stringify({ ...event, id: `evt_${newId()}` })).expect(200);
  }
}

/** Payments once more, with a Stripe and a database of its own choice. */
const another = (more: Partial<Parameters<typeof createPayments>[0]>) =>
  createPayments({
    ...parts,
    metrics: createMetrics('payments'),
    stripe,
    publishableKey: 'pk_test_sandbox',
    webhookSecrets: [webhookSecret],
    reconcileEveryMs: 100,
    reconcileAfterMs,
    ...more,
  });

const awaiting = (order: Order): Order => ({ ...order, version: 1, status: 'awaiting:payment' });
const cancelled = (order: Order): Order => ({ ...order, version: 1, status: 'cancelled', reason: 'expired' });

describe('paying an order', () => {
  it('reserves the money, and takes it only when the order can no longer be lost', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    expect(body).toEqual({
      clientSecret: expect.stringContaining('_secret_'),
      publishableKey: 'pk_test_sandbox',
      amount: 1500,
      currency: 'eur',
    });
    await confirm(body.clientSecret, good);
    await heard(order, PaymentAuthorized);
    await intentStatus(order, 'requires_capture');
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await intentStatus(order, 'succeeded');
  });

  it('has one intent, however often and at once it is begun', async () => {
    const order = await payable();
    const answers = await Promise.all(Array.from({ length: 8 }, () => begin(order)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.clientSecret)).size).toBe(1);
    expect(intentsOf(order)).toHaveLength(1);
  });

  it('may be tried again after a declined card', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    expect(await confirm(body.clientSecret, '4000000000000002')).toBe(402);
    await tellAll(order);
    expect(await paymentOf(order)).toMatchObject({ status: 'pending', version: 1 });
    expect(await confirm(body.clientSecret, good)).toBe(200);
    await heard(order, PaymentAuthorized);
    expect(await newsOf(order, PaymentFailed)).toEqual([]);
  });

  it('is for its buyer, in time, and with a proper body', async () => {
    const order = await payable();
    await begin(order, 'somebody').expect(404);
    await begin(newOrder()).expect(404);
    expect((await begin(await payable({ status: 'cancelled' })).expect(409)).body.code).toBe('order-closed');
    expect((await begin(await payable({ status: 'complete' })).expect(409)).body.code).toBe('order-closed');
    expect((await begin(await payable({ expiresAt: new Date(0).toISOString() })).expect(409)).body.code).toBe(
      'order-closed',
    );
    await request(service.app).post('/api/payments').set(as('buyer')).send({ orderId: 7 }).expect(400);
    await request(service.app).post('/api/payments').send({ orderId: order.id }).expect(401);
  });

  it('is answered 503 while Stripe is away, and loses nothing', async () => {
    const order = await payable();
    sandbox.faults({ down: true });
    const answer = await begin(order).expect(503);
    expect(answer.body.code).toBe('stripe-unavailable');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    sandbox.faults({});
    await begin(order).expect(200);
    expect(intentsOf(order)).toHaveLength(1);
  });

  it('costs once although Stripe’s replies are lost after the effect', async () => {
    const order = await payable();
    sandbox.faults({ dropReplies: { next: 1, path: '/v1/payment_intents' } });
    const { body } = await begin(order).expect(201);
    await confirm(body.clientSecret, good);
    sandbox.faults({ dropReplies: { next: 1, path: '/v1/payment_intents/*/capture' } });
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    expect(intentsOf(order)).toHaveLength(1);
    expect(intentsOf(order)[0]).toMatchObject({ status: 'succeeded', received: 1500 });
  });
});

describe('an order that was made a moment ago', () => {
  it('can be paid at once: its announcement is waited for', async () => {
    const order = newOrder();
    const asked = begin(order).then((answer) => answer);
    await announce(parts.bus, OrderCreated, order);
    expect(await asked).toMatchObject({ status: 201, body: { amount: 1500 } });
  });

  it('can be paid under a key, which keeps no 404 of the moment before', async () => {
    const order = newOrder();
    const key = { 'Idempotency-Key': newId() };
    const asked = begin(order)
      .set(key)
      .then((answer) => answer);
    await announce(parts.bus, OrderCreated, order);
    const { status, body } = await asked;
    expect(status).toBe(201);
    expect((await begin(order).set(key).expect(201)).body).toEqual(body);
  });

  it('can be refunded at once', async () => {
    const order = newOrder({ sellerId: 'seller' });
    const asked = request(service.app)
      .post(`/api/payments/${order.id}/refund`)
      .set(as('seller'))
      .then((answer) => answer);
    await announce(parts.bus, OrderCreated, order);
    expect(await asked).toMatchObject({ status: 409, body: { code: 'payment-not-captured' } });
  });

  it('is told to be asked about again while the broker is away', async () => {
    const line = await cable(await testBusUrl());
    const bus = await connectBus(line.url, 'test');
    const own = await testParts({ bus });
    const cutOff = another({ ...own, metrics: createMetrics('payments') });
    try {
      line.pull();
      await eventually(() => expect(bus.connectedSince()).toBeNull());
      const { status, body, headers } = await request(cutOff.app)
        .post('/api/payments')
        .set(as('buyer'))
        .send({ orderId: newId() });
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
      expect(['1', '2']).toContain(headers['retry-after']);
      line.plug();
      await eventually(() => expect(bus.connectedSince()).not.toBeNull());
    } finally {
      await own.end();
      await bus.close();
      await line.close();
    }
  });
});

describe('a price below Stripe’s least', () => {
  it('is refused with a reason, and ends the payment so that the ticket is free again', async () => {
    const order = await payable({ ticket: { id: newId(), title: 'Opera', price: 15, currency: 'eur' } });
    expect((await begin(order).expect(409)).body.code).toBe('amount-refused');
    await heard(order, PaymentFailed);
    expect((await begin(order).expect(409)).body.code).toBe('amount-refused');
    expect(intentsOf(order)).toEqual([]);
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await eventually(async () => expect((await begin(order).expect(409)).body.code).toBe('order-closed'));
  });
});

describe('a failure of Stripe that it remembers under the key', () => {
  it('keeps nobody from paying, and costs once', async () => {
    const order = await payable();
    sandbox.faults({ failRequests: { next: 1, path: '/v1/payment_intents', status: 500, remembered: true } });
    await pay(order);
    await heard(order, PaymentAuthorized);
    const path = '/v1/payment_intents/*/capture';
    sandbox.faults({ failRequests: { next: 1, path, status: 500, remembered: true } });
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    expect(intentsOf(order)).toHaveLength(1);
  });
});

describe('what Stripe refused in another state', () => {
  it('is asked again and not answered from memory', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    const [intent = ''] = String(body.clientSecret).split('_secret_');
    const tooEarly = stripe.paymentIntents.capture(intent, {}, { idempotencyKey: `${order.id}:capture` });
    await expect(tooEarly).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
    await confirm(body.clientSecret, good);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    expect(keysOfCaptures(order)).toEqual([`${order.id}:capture`, `${order.id}:capture:2`]);
  });
});

describe('a crash', () => {
  beforeEach(() => {
    sandbox.faults({ loseWebhooks: { probability: 1 } });
  });

  const createsThat = (fault: 'dropRequests' | 'dropReplies') =>
    sandbox.faults({ loseWebhooks: { probability: 1 }, [fault]: { next: 3, path: '/v1/payment_intents' } });

  it.each(['dropRequests', 'dropReplies'] as const)('around the making of the intent heals (%s)', async (fault) => {
    const order = await payable();
    createsThat(fault);
    await begin(order).expect(503);
    expect(await paymentOf(order)).toMatchObject({ status: 'pending', stripeId: null });
    untilForgotten();
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ stripeId: expect.any(String) }));
    expect(intentsOf(order)).toMatchObject([{ id: (await paymentOf(order))?.stripeId }]);
  });

  it('between hearing that the money may be taken and taking it heals', async () => {
    const order = await payable();
    await pay(order);
    await copyOnly(awaiting(order));
    untilForgotten();
    await heard(order, PaymentCaptured);
    await intentStatus(order, 'succeeded');
  });

  it('between taking the money and storing that heals', async () => {
    const order = await payable();
    const intent = await pay(order);
    await copyOnly(awaiting(order));
    await stripe.paymentIntents.capture(intent, {}, { idempotencyKey: `${order.id}:capture` });
    untilForgotten();
    await heard(order, PaymentCaptured);
    expect(intentsOf(order)).toMatchObject([{ status: 'succeeded', received: 1500 }]);
  });

  it('while the money was taken and given back by hand leaves nobody waiting', async () => {
    const order = await payable();
    const intent = await pay(order);
    await copyOnly(awaiting(order));
    await stripe.paymentIntents.capture(intent);
    await stripe.refunds.create({ payment_intent: intent });
    untilForgotten();
    await heard(order, PaymentCaptured);
    await heard(order, PaymentRefunded);
  });
});

describe('the reconciler', () => {
  it('comes to every payment behind those that cannot be read', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await pay(order);
    const stored = parts.connection.collection<StoredAggregate>('payments');
    const payment = await stored.findOne({ _id: order.id });
    const unreadable = Array.from({ length: 450 }, (_, n) => ({
      ...payment,
      _id: `${n}`.padStart(24, '0'),
      amount: 'much',
      outbox: [],
    }));
    await stored.insertMany(unreadable);
    untilForgotten();
    await heard(order, PaymentAuthorized);
    await stored.deleteMany({ amount: 'much' });
  });
});

describe('a capture that Stripe refuses', () => {
  it('is not forgotten when we died before we could write it down', async () => {
    const order = await payable();
    const intent = await pay(order);
    await heard(order, PaymentAuthorized);
    sandbox.faults({ refuseCaptures: { intents: [intent] }, loseWebhooks: { probability: 1 } });
    await expect(stripe.paymentIntents.capture(intent)).rejects.toThrow('declined');
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentFailed);
    await intentStatus(order, 'canceled');
  });

  it('fails the payment, too, when the reservation has run out', async () => {
    const order = await payable();
    const intent = await pay(order);
    await heard(order, PaymentAuthorized);
    sandbox.faults({
      refuseCaptures: { intents: [intent], code: 'charge_expired_for_capture' },
      loseWebhooks: { probability: 1 },
    });
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentFailed);
    await intentStatus(order, 'canceled');
  });

  it('fails the payment and lets the reservation go', async () => {
    const order = await payable();
    const intent = await pay(order);
    sandbox.faults({ refuseCaptures: { intents: [intent] } });
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentFailed);
    await intentStatus(order, 'canceled');
    expect(await newsOf(order, PaymentCaptured)).toEqual([]);
  });
});

describe('an order that is cancelled', () => {
  it('has its reservation on the card let go', async () => {
    const order = await payable();
    await pay(order);
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentVoided);
    await intentStatus(order, 'canceled');
  });

  it('has an authorization that comes too late let go at once', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    await copyOnly(cancelled(order));
    await confirm(body.clientSecret, good);
    await heard(order, PaymentVoided);
    await intentStatus(order, 'canceled');
    expect(await newsOf(order, PaymentAuthorized)).toEqual([]);
    expect(await newsOf(order, PaymentCaptured)).toEqual([]);
  });

  it('has an authorization let go that comes while Stripe is asked about the payment', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    const { body } = await begin(order).expect(201);
    const paymentIntents: Stripe['paymentIntents'] = Object.create(stripe.paymentIntents, {
      retrieve: {
        async value(...asked: Parameters<Stripe['paymentIntents']['retrieve']>) {
          await copyOnly(cancelled(order));
          await confirm(body.clientSecret, good);
          return stripe.paymentIntents.retrieve(...asked);
        },
      },
    });
    const second = another({ stripe: Object.create(stripe, { paymentIntents: { value: paymentIntents } }) });
    await second.start();
    try {
      const [event] = await eventsAbout(order);
      await signed(JSON.stringify({ ...event, id: `evt_${newId()}` }), webhookSecret, second).expect(200);
      await heard(order, PaymentVoided);
      await intentStatus(order, 'canceled');
      expect(await newsOf(order, PaymentAuthorized)).toEqual([]);
    } finally {
      await second.stop();
    }
  });

  it('has an authorization let go that Stripe tells of only afterwards', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    sandbox.faults({ delayWebhooksMs: 300 });
    await confirm(body.clientSecret, good);
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentVoided);
    await intentStatus(order, 'canceled');
    await tellAll(order);
    expect(await paymentOf(order)).toMatchObject({ status: 'voided' });
    expect(await newsOf(order, PaymentVoided)).toHaveLength(1);
    expect(await newsOf(order, PaymentCaptured)).toEqual([]);
  });

  it('has its money given back, once, when it was taken all the same', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.capture(await pay(order));
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentRefunded);
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await allHeard();
    expect(refundsOf(order)).toHaveLength(1);
    expect(await newsOf(order, PaymentRefunded)).toHaveLength(1);
  });

  it('has its money given back when the method took it at once, because it cannot be captured later', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    const [intent = ''] = String(body.clientSecret).split('_secret_');
    const payAtOnce = () => stripe.paymentIntents.confirm(intent, { payment_method: 'pm_sandbox_immediate' });
    // Our intents take cards alone, which can; somebody may have changed this one by hand.
    await expect(payAtOnce()).rejects.toThrow();
    await stripe.paymentIntents.update(intent, { allowed_payment_method_types: ['card', 'ideal'] });
    await copyOnly(cancelled(order));
    expect((await payAtOnce()).status).toBe('succeeded');
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
  });

  it('is let go in the end, although we died between hearing of it and doing so', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await copyOnly(cancelled(order));
    untilForgotten();
    await heard(order, PaymentVoided);
    await intentStatus(order, 'canceled');
  });

  it('is let go once Stripe is back', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    sandbox.faults({ down: true });
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await eventually(() =>
      expect(parts.logged.filter((line) => line.includes(order.id)).join('')).toContain('could not settle'),
    );
    expect(intentsOf(order)).toMatchObject([{ status: 'requires_capture' }]);
    sandbox.faults({});
    await heard(order, PaymentVoided);
  });

  it('cannot be paid when its cancel was heard of before its making', async () => {
    const order = newOrder();
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await copyOf(order.id)).toMatchObject({ status: 'cancelled' }));
    await begin(order).expect(409);
  });
});

describe('a refund', () => {
  const refund = (order: Order, seller = 'seller') =>
    request(service.app).post(`/api/payments/${order.id}/refund`).set(as(seller));
  const answer = (order: Order) => ({ orderId: order.id, status: 'refunded', amount: 1500, currency: 'eur' });

  async function sold(): Promise<Order> {
    const order = await payable({ sellerId: 'seller' });
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    return order;
  }

  it('gives everything back, once, however often and at once the seller asks', async () => {
    const order = await sold();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refund(order)));
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      answers.map(() => ({ status: 200, body: answer(order) })),
    );
    await heard(order, PaymentRefunded);
    // What is over is not asked about: Stripe may be away.
    sandbox.faults({ down: true });
    await refund(order).expect(200, answer(order));
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
    expect(await newsOf(order, PaymentRefunded)).toHaveLength(1);
  });

  it('is for the seller alone', async () => {
    const order = await sold();
    for (const other of ['buyer', 'somebody']) {
      expect((await refund(order, other).expect(403)).body.code).toBe('not-your-sale');
    }
    await refund(newOrder()).expect(404);
    await request(service.app).post('/api/payments/x/refund').set(as('seller')).expect(404);
    await request(service.app).post(`/api/payments/${order.id}/refund`).expect(401);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refundWanted: false });
  });

  it('needs money that was taken', async () => {
    const order = await payable({ sellerId: 'seller' });
    expect((await refund(order).expect(409)).body.code).toBe('payment-not-captured');
    await pay(order);
    await heard(order, PaymentAuthorized);
    expect((await refund(order).expect(409)).body.code).toBe('payment-not-captured');
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentVoided);
    expect((await refund(order).expect(409)).body.code).toBe('payment-not-captured');
  });

  it('is made in the end, although Stripe was away when it was asked for', async () => {
    const order = await sold();
    sandbox.faults({ down: true });
    const { body, headers } = await refund(order).expect(503);
    expect(body).toMatchObject({ code: 'stripe-unavailable', detail: expect.stringContaining('will be made') });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    sandbox.faults({});
    untilForgotten();
    await heard(order, PaymentRefunded);
    await refund(order).expect(200, answer(order));
    expect(refundsOf(order)).toHaveLength(1);
  });

  it('is made once, although we died between Stripe’s doing so and storing that', async () => {
    const order = await sold();
    sandbox.faults({ loseWebhooks: { probability: 1 }, dropReplies: { next: 3, path: '/v1/refunds' } });
    await refund(order).expect(503);
    expect(refundsOf(order)).toHaveLength(1);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refundWanted: true });
    untilForgotten();
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toHaveLength(1);
  });

  it('is not made a second time after one in Stripe’s dashboard', async () => {
    const order = await sold();
    await stripe.refunds.create({ payment_intent: intentsOf(order)[0]?.id ?? '' });
    await heard(order, PaymentRefunded);
    await refund(order).expect(200, answer(order));
    expect(refundsOf(order)).toHaveLength(1);
  });

  it('gives back what is left, when a part was given back by hand', async () => {
    const order = await sold();
    await stripe.refunds.create({ payment_intent: intentsOf(order)[0]?.id ?? '', amount: 500 });
    await refund(order).expect(200);
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([500, 1000]);
    expect(await newsOf(order, PaymentRefunded)).toHaveLength(1);
  });

  it('that Stripe refuses is told so, and is wanted no more', async () => {
    const order = await sold();
    sandbox.faults({ refuseRefunds: { next: 1 } });
    expect((await refund(order).expect(409)).body.code).toBe('refund-refused');
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refundWanted: false });
    expect(refundsOf(order)).toEqual([]);
  });
});

describe('money that moves at Stripe after it was taken, while webhooks are lost', () => {
  const lost = { loseWebhooks: { probability: 1 } };
  const forgotten = () => {
    sandbox.faults(lost);
    untilForgotten();
  };

  async function captured(): Promise<{ order: Order; intent: string }> {
    const order = await payable();
    const intent = await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    return { order, intent };
  }

  it('is seen when it was given back in Stripe’s dashboard', async () => {
    const { order, intent } = await captured();
    sandbox.faults(lost);
    await stripe.refunds.create({ payment_intent: intent });
    await allHeard();
    expect(await paymentOf(order)).toMatchObject({ status: 'captured' });
    forgotten();
    await heard(order, PaymentRefunded);
  });

  it('is seen when the last part of several was given back', async () => {
    const { order, intent } = await captured();
    sandbox.faults(lost);
    await stripe.refunds.create({ payment_intent: intent, amount: 500 });
    await stripe.refunds.create({ payment_intent: intent, amount: 1000 });
    forgotten();
    await heard(order, PaymentRefunded);
  });

  it('costs a request a round, however many payments there are and whatever webhooks have told of already', async () => {
    const { order, intent } = await captured();
    await stripe.refunds.create({ payment_intent: intent });
    await heard(order, PaymentRefunded);
    const rounds = () => sandbox.state().requests.last.filter(({ path }) => path === '/v1/events');
    const about = askedAbout(order).length;
    forgotten();
    const before = rounds().length;
    await eventually(() => expect(rounds().length).toBeGreaterThan(before + 3));
    expect(askedAbout(order)).toHaveLength(about);
  });

  it('is seen although there are events that lead nowhere, more than a page of them', async () => {
    const { order, intent } = await captured();
    sandbox.faults(lost);
    await stripe.refunds.create({ payment_intent: intent });
    const others = Array.from({ length: 60 }, async () => {
      const { id } = await stripe.paymentIntents.create({ amount: 1500, currency: 'eur', capture_method: 'manual' });
      await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa', return_url: 'http://localhost/' });
      await stripe.paymentIntents.cancel(id);
    });
    await Promise.all(others);
    forgotten();
    await heard(order, PaymentRefunded);
  });
});

describe('events', () => {
  it('of a refund are heard too, so that the copy of an order stays as the order is', async () => {
    const order = await payable();
    const refundedAt = new Date().toISOString();
    await announce(parts.bus, OrderCompleted, { ...order, version: 2, status: 'complete' });
    await announce(parts.bus, OrderRefunded, { ...order, version: 3, status: 'complete', refundedAt });
    await eventually(async () => expect(await copyOf(order.id)).toMatchObject({ version: 3, refundedAt }), 5_000);
  });

  it('have one effect, however often they come', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    for (let i = 0; i < 10; i++) await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await allHeard();
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
    expect(await newsOf(order, PaymentAuthorized)).toHaveLength(1);
    expect(intentsOf(order)[0]).toMatchObject({ status: 'succeeded', received: 1500 });
    expect(keysOfCaptures(order)).toEqual([`${order.id}:capture`]);
  });

  it('that come late take nothing back', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await announce(parts.bus, OrderCompleted, { ...order, version: 2, status: 'complete' });
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await announce(parts.bus, OrderCreated, order);
    await allHeard();
    expect(await copyOf(order.id)).toMatchObject({ status: 'complete', version: 2 });
    expect(refundsOf(order)).toEqual([]);
  });

  it('that nobody can read are put aside and hold up nothing', async () => {
    await announceNonsense(parts.bus, OrderCreated, 'nonsense');
    await payable();
    await eventually(async () =>
      expect((await parts.bus.jsm.streams.info('dead-letters')).state.messages).toBeGreaterThanOrEqual(1),
    );
  });
});

describe('webhooks', () => {
  it('may be repeated', async () => {
    sandbox.faults({ repeatWebhooks: { probability: 1, times: 3 } });
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await tellAll(order);
    await tellAll(order);
    expect(await newsOf(order, PaymentAuthorized)).toHaveLength(1);
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
    expect(intentsOf(order)[0]).toMatchObject({ received: 1500 });
  });

  it('may be late and in any order', async () => {
    sandbox.faults({ reorderWebhooks: { probability: 0.5 }, delayWebhooksMs: { min: 0, max: 200 } });
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await tellAll(order);
    expect(await newsOf(order, PaymentAuthorized)).toHaveLength(1);
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
  });

  it('may all be lost: the payment is found by looking after it', async () => {
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    const order = await payable();
    await pay(order);
    untilForgotten();
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
  });

  it('tell of money that was given back by hand', async () => {
    const order = await payable();
    const intent = await pay(order);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await stripe.refunds.create({ payment_intent: intent });
    await heard(order, PaymentRefunded);
  });

  const told = (orderId: string) =>
    JSON.stringify({
      id: `evt_${newId()}`,
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: { orderId } } },
    });

  it('are looked into once: a repeat is answered at once and asks nothing of Stripe', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    const event = told(order.id);
    await signed(event).expect(200);
    sandbox.faults({ down: true });
    await signed(event).expect(200, { received: true });
  });

  it('are forgotten after thirty days', async () => {
    const event = told(newId());
    await signed(event).expect(200);
    const { id } = JSON.parse(event);
    const events = parts.connection.collection<{ _id: string }>('webhook-events');
    expect(await events.findOne({ _id: id })).toEqual({ _id: id, handledAt: expect.any(Date) });
    expect(await events.indexes()).toContainEqual(
      expect.objectContaining({ key: { handledAt: 1 }, expireAfterSeconds: 2_592_000 }),
    );
  });

  it('may be signed with either of two secrets, while one takes the place of the other', async () => {
    await signed(told(newId()), webhookSecret).expect(200);
    await signed(told(newId()), nextSecret).expect(200);
    expect((await signed(told(newId()), 'whsec_other').expect(400)).body.code).toBe('bad-signature');
  });

  it('are all refused when nothing can verify signatures', async () => {
    const unable = another({ stripe: Object.create(stripe, { webhooks: { value: {} } }) });
    const { body } = await signed(told(newId()), webhookSecret, unable).expect(400);
    expect(body.code).toBe('bad-signature');
  });

  it('about nothing of ours are heard and forgotten', async () => {
    await signed(told(newId())).expect(200);
  });

  it('are hints and no more: what one claims is looked up', async () => {
    const order = await payable();
    await begin(order).expect(201);
    await signed(told(order.id)).expect(200);
    expect(await newsOf(order, PaymentCaptured)).toEqual([]);
  });

  it('are to be sent again when Stripe cannot be asked', async () => {
    const order = await payable();
    await begin(order).expect(201);
    const event = told(order.id);
    sandbox.faults({ down: true, loseWebhooks: { probability: 1 } });
    const answer = await signed(event).expect(503);
    expect(answer.body.code).toBe('stripe-unavailable');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    // The buyer pays meanwhile, and only the repeat can tell us: what failed must not count as known.
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.confirm(intentsOf(order)[0]?.id ?? '', { payment_method: 'pm_card_visa' });
    await signed(event).expect(200);
    expect(await paymentOf(order)).toMatchObject({ status: 'authorized' });
  });

  it.each([
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['a text', '"event"'],
    ['a thin event', '{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered"}'],
    ['an event without data', '{"id":"evt_1","object":"event","type":"charge.refunded"}'],
    ['an event whose data is null', '{"id":"evt_1","object":"event","type":"charge.refunded","data":null}'],
    ['an event about nothing', '{"id":"evt_1","object":"event","type":"x","data":{"object":null}}'],
    ['an event about a list', '{"id":"evt_1","object":"event","type":"x","data":{"object":[]}}'],
    ['an event about a text', '{"id":"evt_1","object":"event","type":"x","data":{"object":"ch_1"}}'],
    ['an event without an id', '{"object":"event","type":"x","data":{"object":{"object":"charge"}}}'],
    ['an event whose id is none', '{"id":{"$ne":1},"object":"event","data":{"object":{"object":"charge"}}}'],
  ])('that are %s are confirmed, and leave a line in the log', async (_, body) => {
    const from = parts.logged.length;
    await signed(body).expect(200, { received: true });
    expect(parts.logged.slice(from).join('')).toContain('ignored a webhook');
  });

  it.each([
    ['of an unknown kind', { object: 'weather', id: 'x_1' }],
    ['of a payment made by somebody else', { object: 'payment_intent', id: 'pi_other', metadata: {} }],
    ['without metadata', { object: 'payment_intent', id: 'pi_other' }],
    ['with metadata that is none', { object: 'payment_intent', id: 'pi_other', metadata: null }],
    ['with an order that is none', { object: 'payment_intent', id: 'pi_other', metadata: { orderId: '../x' } }],
    ['with an order that is an object', { object: 'payment_intent', metadata: { orderId: { $ne: 1 } } }],
    ['without a payment', { object: 'charge', id: 'ch_1', payment_intent: null }],
    ['with a payment that is none', { object: 'charge', id: 'ch_1', payment_intent: { $ne: null } }],
    ['of a payment that nobody knows', { object: 'dispute', id: 'dp_1', payment_intent: 'pi_other' }],
    ['of a payment that nobody knows, in full', { object: 'refund', id: 're_1', payment_intent: { id: 'pi_other' } }],
    ['that was deleted', { object: 'customer', id: 'cus_1', deleted: true }],
  ])('about an object %s are confirmed, and leave a line in the log', async (_, object) => {
    const from = parts.logged.length;
    const id = `evt_${newId()}`;
    await signed(JSON.stringify({ id, object: 'event', type: 'x', data: { object } })).expect(200);
    const line = parts.logged.slice(from).find((it) => it.includes(id));
    expect(line).toContain('ignored a webhook');
  });

  it('that are signed and no JSON are told so', async () => {
    for (const body of ['{"id":', 'hello']) {
      expect((await signed(body).expect(400)).body.code).toBe('invalid-json');
    }
  });

  const signedAt = (times: string, body = told(newId())) => {
    const scheme = (time: string) =>
      `v1=${createHmac('sha256', webhookSecret).update(`${time}.${body}`).digest('hex')}`;
    const all = times.split(',').map((time) => time.replace(/^t=/, ''));
    return request(service.app)
      .post('/api/payments/webhook')
      .set('stripe-signature', [times, ...all.map(scheme), scheme('NaN'), scheme('undefined')].join(','))
      .set('Content-Type', 'application/json')
      .send(body);
  };
  const secondsFromNow = (seconds: number) => `t=${Math.floor(Date.now() / 1_000) + seconds}`;

  it('are signed now: neither long ago nor ahead of time, nor at no time at all', async () => {
    await signedAt(secondsFromNow(0)).expect(200);
    await signedAt(secondsFromNow(-200)).expect(200);
    await signedAt(secondsFromNow(200)).expect(200);
    const never = ['t=NaN', 't=', 't', 't=-1', 't=1e99', 't=Infinity', 't= 1', 't=0x10', `${secondsFromNow(0)}x`];
    const wrong = [secondsFromNow(-400), secondsFromNow(400), secondsFromNow(1e9), secondsFromNow(1e14)];
    const twice = [`${secondsFromNow(0)},${secondsFromNow(1e9)}`, `${secondsFromNow(1e9)},${secondsFromNow(0)}`];
    for (const times of [...never, ...wrong, ...twice, 'x=1']) {
      const { status, body } = await signedAt(times);
      expect({ times, status, code: body.code }).toEqual({ times, status: 400, code: 'bad-signature' });
    }
  });

  it('may carry signatures that are not ours beside the one that is', async () => {
    const payload = told(newId());
    const one = stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
    const [time, ours] = one.split(',');
    for (const header of [`${time},v1=00,${ours}`, `${time},${ours},v1=00,v0=00`, `${ours},${time}`]) {
      await request(service.app)
        .post('/api/payments/webhook')
        .set('stripe-signature', header)
        .set('Content-Type', 'application/json')
        .send(payload)
        .expect(200);
    }
  });

  it('about what Stripe refuses to do are confirmed: it would refuse the same again', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.capture(await pay(order));
    await copyOnly(cancelled(order));
    sandbox.faults({ refuseRefunds: { probability: 1 }, loseWebhooks: { probability: 1 } });
    await signed(told(order.id)).expect(200);
    expect(refundsOf(order)).toEqual([]);
  });

  it.each([
    ['no signature', undefined],
    ['a signature of somebody else', 't=1,v1=00'],
  ])('with %s are refused and change nothing', async (_, signature) => {
    const answer = await request(service.app)
      .post('/api/payments/webhook')
      .set(signature ? { 'stripe-signature': signature } : {})
      .set('Content-Type', 'application/json')
      .send('{"type":"payment_intent.succeeded"}')
      .expect(400);
    expect(answer.body.code).toBe('bad-signature');
  });
});

describe('the secret of the webhooks', () => {
  const secretsOf = (STRIPE_WEBHOOK_SECRET: string) =>
    loadConfig({
      NATS_URL: 'nats://nowhere',
      MONGO_URL: 'mongodb://nowhere',
      JWKS_URL: 'http://nowhere',
      STRIPE_SECRET_KEY: 'sk',
      STRIPE_PUBLISHABLE_KEY: 'pk',
      STRIPE_WEBHOOK_SECRET,
    }).STRIPE_WEBHOOK_SECRET;

  it('is one, or two while it is changed', () => {
    expect(secretsOf('whsec_a')).toEqual(['whsec_a']);
    expect(secretsOf('whsec_a, whsec_b')).toEqual(['whsec_a', 'whsec_b']);
    for (const wrong of ['', ',', 'whsec_a,', 'a,b,c']) expect(() => secretsOf(wrong)).toThrow('STRIPE_WEBHOOK_SECRET');
  });
});

describe('a second process', () => {
  it('shares the work, and each order still has one intent and one charge', async () => {
    const second = another({});
    await second.start();
    try {
      const order = await payable();
      const both = [service.app, second.app].flatMap((app) => [app, app, app]);
      const answers = await Promise.all(
        both.map((app) => request(app).post('/api/payments').set(as('buyer')).send({ orderId: order.id })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
      expect(intentsOf(order)).toHaveLength(1);
      await confirm(answers[0]?.body.clientSecret, good);
      await heard(order, PaymentAuthorized);
      for (let i = 0; i < 4; i++) await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
      await heard(order, PaymentCaptured);
      await allHeard();
      expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
      expect(intentsOf(order)).toMatchObject([{ status: 'succeeded', received: 1500 }]);
    } finally {
      await second.stop();
    }
  });

  it('has webhooks sent again while its database is away', async () => {
    const database = await testDatabase();
    const second = another({ connection: database.connection });
    await database.drop();
    const payload = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      data: { object: { object: 'payment_intent', metadata: { orderId: newId() } } },
    });
    const answer = await request(second.app)
      .post('/api/payments/webhook')
      .set('stripe-signature', stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret }))
      .send(payload);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('stops in time although Stripe does not answer', async () => {
    let unanswered = 0;
    const silent = createServer(() => unanswered++).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const own = await testParts();
    const second = another({
      ...own,
      stripe: connectStripe('sk_test', `http://127.0.0.1:${port}`),
      reconcileAfterMs: 50,
    });
    await second.start();
    const { id, ...fields } = beginPayment(newOrder(), new Date(0)).next;
    await own.connection.collection<StoredAggregate>('payments').insertOne({ _id: id, ...fields, outbox: [] });
    await eventually(() => expect(unanswered).toBe(1));
    const startedAt = performance.now();
    await second.stop();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    silent.closeAllConnections();
    silent.close();
    await own.end();
  });
});

describe('the metrics', () => {
  it('say how long the oldest payment that is not settled has been open, while the database does', async () => {
    const own = await testParts({ bus: parts.bus });
    createPayments({
      ...own,
      stripe,
      publishableKey: 'pk_test_sandbox',
      webhookSecrets: [webhookSecret],
      reconcileEveryMs: 100,
      reconcileAfterMs,
    });
    const payments = own.connection.collection<StoredAggregate>('payments');
    const age = async () => /^payments_open_oldest_age_seconds (\d+)/m.exec(await own.metrics.metrics())?.[1];
    expect(await age()).toBe('0');
    const { id, ...fields } = beginPayment(newOrder(), own.now()).next;
    await payments.insertOne({ _id: id, ...fields, outbox: [] });
    own.now.forward(600_000);
    await payments.insertOne({ ...fields, _id: newId(), since: own.now().toISOString(), outbox: [] });
    expect(Number(await age())).toBeGreaterThanOrEqual(600);
    await payments.updateOne({ _id: id }, { $set: { status: 'captured' } });
    expect(Number(await age())).toBeLessThan(600);
    await payments.updateOne({ _id: id }, { $set: { refundWanted: true } });
    expect(Number(await age())).toBeGreaterThanOrEqual(600);
    await own.end();
    expect(await age()).toBeUndefined();
  });
});

describe('what orders announce again', () => {
  it('moves no money twice, and asks Stripe nothing about a payment that is over', async () => {
    const [paid, over] = [await payable(), await payable()];
    await pay(paid);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(paid));
    await heard(paid, PaymentCaptured);
    await pay(over);
    await heard(over, PaymentAuthorized);
    await announce(parts.bus, OrderCancelled, cancelled(over));
    await heard(over, PaymentVoided);
    await allHeard();
    const asked = askedAbout(over);
    expect(asked.length).toBeGreaterThan(0);

    await announce(parts.bus, OrderCancelled, cancelled(over));
    await allHeard();
    expect(askedAbout(over)).toEqual(asked);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(paid));
    await allHeard();
    expect(keysOfCaptures(paid)).toHaveLength(1);
    expect(refundsOf(paid)).toEqual([]);
    expect((await newsOf(paid, PaymentCaptured)).length).toBe(1);
  });

  it('asks Stripe nothing about an order that has moved on since', async () => {
    const paid = await payable();
    await pay(paid);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(paid));
    await heard(paid, PaymentCaptured);
    await announce(parts.bus, OrderCompleted, { ...paid, version: 2, status: 'complete' });
    await allHeard();
    const asked = askedAbout(paid);
    expect(asked.length).toBeGreaterThan(0);

    await announce(parts.bus, OrderAwaitingPayment, awaiting(paid));
    await allHeard();
    expect(askedAbout(paid)).toEqual(asked);
  });
});
