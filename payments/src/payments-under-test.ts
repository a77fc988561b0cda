import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnnouncingService } from '@box-office/common/announcing-service';
import { type Order, OrderAwaitingPayment, OrderCreated } from '@box-office/common/contracts/orders';
import { type Payment, PaymentAuthorized, PaymentCaptured } from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import { type RunningSandbox, startSandbox } from '@box-office/stripe-sandbox/server';
import type Stripe from 'stripe';
import request from 'supertest';
import { createPayments } from './service.ts';
import { connectStripe } from './stripe.ts';

export const webhookSecret = 'whsec_test';
/** What Stripe is about to sign with instead. */
export const nextSecret = 'whsec_next';
export const good = '4242424242424242';
/** So long that only a test which moves the clock sees the reconciler at work. */
export const reconcileAfterMs = 600_000;

export let parts: TestParts;
export let service: AnnouncingService;
let server: Server;
export let sandbox: RunningSandbox;
export let stripe: Stripe;

/** Starts payments and its sandbox for the tests of a file, and ends them afterwards. */
export function usePayments(): void {
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
}

export const as = (name: string) => ({ Authorization: `Bearer ${name}` });
const inAnHour = () => new Date(parts.now().getTime() + 3_600_000).toISOString();
export const untilForgotten = () => parts.now.forward(reconcileAfterMs + 1_000);

export const newOrder = (more: Partial<Order> = {}): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: inAnHour(),
  ticket: { id: newId(), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
  ...more,
});

export const copies = () => parts.connection.collection<{ _id: string }>('payable-orders');
/** What a crash leaves behind between hearing of an order and doing something about it. */
export const copyOnly = ({ id, status, version }: Order) =>
  copies().updateOne({ _id: id }, { $set: { status, version } });
export const copyOf = (id: string) => copies().findOne({ _id: id });

export const paymentOf = (order: Order) =>
  parts.connection.collection<StoredAggregate>('payments').findOne({ _id: order.id });

export async function payable(more: Partial<Order> = {}): Promise<Order> {
  const order = newOrder(more);
  await announce(parts.bus, OrderCreated, order);
  await eventually(async () => expect(await copyOf(order.id)).not.toBeNull());
  return order;
}

export const begin = (order: Order, buyer = 'buyer') =>
  request(service.app).post('/api/payments').set(as(buyer)).send({ orderId: order.id });

/** What the buyer's browser does with the answer: confirms with a card. */
export async function confirm(clientSecret: string, card: string): Promise<number> {
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

export async function pay(order: Order, card = good): Promise<string> {
  const { body } = await begin(order).expect(201);
  expect(await confirm(body.clientSecret, card)).toBe(card === good ? 200 : 402);
  return String(body.clientSecret).split('_secret_')[0] ?? '';
}

export const intentsOf = (order: Order) =>
  sandbox.state().intents.filter(({ metadata }) => metadata.orderId === order.id);
export const refundsOf = (order: Order) => {
  const ids = intentsOf(order).map(({ id }) => id);
  return sandbox.state().refunds.filter(({ intentId }) => ids.includes(intentId));
};
export const intentStatus = (order: Order, status: string) =>
  eventually(() => expect(intentsOf(order).map((intent) => intent.status)).toEqual([status]));

type Kind = typeof PaymentAuthorized;
export const newsOf = async (order: Order, kind: Kind): Promise<Payment[]> =>
  (await announced(parts.bus, kind)).filter(({ orderId }) => orderId === order.id);
export const heard = (order: Order, kind: Kind) =>
  eventually(async () => expect(await newsOf(order, kind)).toHaveLength(1));

/** All that was announced so far has been dealt with, so that nothing more can come of it. */
export const allHeard = () =>
  eventually(async () => {
    const { num_pending, num_ack_pending } = await parts.bus.jsm.consumers.info('orders', 'payments');
    expect([num_pending, num_ack_pending]).toEqual([0, 0]);
  });
/** What Stripe was asked about an order's payment. */
export const askedAbout = (order: Order) => {
  const paths = intentsOf(order).map(({ id }) => `/v1/payment_intents/${id}`);
  const { last } = sandbox.state().requests;
  return last.filter(({ path, key }) => key?.startsWith(order.id) || paths.some((it) => path.startsWith(it)));
};
/** Every webhook about an order has been confirmed. */
export const allDelivered = (order: Order) =>
  eventually(async () => {
    const open = (await eventsAbout(order)).filter(({ pending_webhooks }) => pending_webhooks > 0);
    expect(open.map(({ type }) => type)).toEqual([]);
  });
/** The idempotency keys that Stripe was asked with to take the money. */
export const keysOfCaptures = (order: Order) => {
  const captures = askedAbout(order).filter(({ path }) => path.endsWith('/capture'));
  return [...new Set(captures.map(({ key }) => key))];
};

/** A webhook that says something about an order. */
export const told = (orderId: string, type = 'payment_intent.succeeded') =>
  JSON.stringify({
    id: `evt_${newId()}`,
    object: 'event',
    type,
    data: { object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: { orderId } } },
  });

export const signed = (payload: string, secret = webhookSecret, { app } = service) =>
  request(app)
    .post('/api/payments/webhook')
    .set('stripe-signature', stripe.webhooks.generateTestHeaderString({ payload, secret }))
    .set('Content-Type', 'application/json')
    .send(payload);

/** What Stripe has told about an order, newest first. */
export async function eventsAbout(order: Order): Promise<Stripe.Event[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  const about = data.filter((event) => JSON.stringify(event).includes(order.id));
  expect(about.length).toBeGreaterThan(0);
  return about;
}

/**
 * Sends every webhook about an order once more, under ids that nobody remembers. Answered means dealt with, so nothing
 * more can come of them.
 */
export async function tellAll(order: Order): Promise<void> {
  for (const event of await eventsAbout(order)) {
    await signed(JSON.stringify({ ...event, id: `evt_${newId()}` })).expect(200);
  }
}

/** Payments once more, with a Stripe and a database of its own choice. */
export const another = (more: Partial<Parameters<typeof createPayments>[0]>) =>
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

export const awaiting = (order: Order): Order => ({ ...order, version: 1, status: 'awaiting:payment' });
export const cancelled = (order: Order): Order => ({ ...order, version: 1, status: 'cancelled', reason: 'expired' });

/** An order whose money was captured. */
export async function sold(more: Partial<Order> = {}): Promise<Order> {
  const order = await payable({ sellerId: 'seller', ...more });
  await pay(order);
  await heard(order, PaymentAuthorized);
  await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
  await heard(order, PaymentCaptured);
  return order;
}

export const refund = (order: Order, seller = 'seller') =>
  request(service.app).post(`/api/payments/${order.id}/refund`).set(as(seller));
export const refundPart = (order: Order, amount: number, key = newId()) =>
  refund(order).set('Idempotency-Key', key).send({ amount });
/** What a refund is answered. */
export const refundAnswer = (order: Order, refunded = 1500) => ({
  ...{ orderId: order.id, status: 'refunded', amount: 1500, currency: 'eur' },
  refunded,
});
