import { OrderAwaitingPayment, OrderCancelled, OrderCreated } from '@box-office/common/contracts/orders';
import { PaymentAuthorized, PaymentCaptured, PaymentFailed } from '@box-office/common/contracts/payments';
import { connectBus } from '@box-office/common/messaging/bus';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { announce } from '@box-office/common/testing/announce';
import { cable } from '@box-office/common/testing/cable';
import { testBusUrl } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, testParts } from '@box-office/common/testing/parts';
import request from 'supertest';
import {
  allDelivered,
  another,
  as,
  askedAbout,
  awaiting,
  begin,
  cancelled,
  confirm,
  good,
  heard,
  intentStatus,
  intentsOf,
  keysOfCaptures,
  newOrder,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  sandbox,
  service,
  stripe,
  tellAll,
  usePayments,
} from './payments-under-test.ts';

usePayments();

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
    expect(await paymentOf(order)).toMatchObject({ status: 'pending', version: 0 });
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
    await begin(order).expect(201);
    expect(intentsOf(order)).toHaveLength(1);
  });

  it('is stored in three writes, and asks Stripe three times', async () => {
    const order = await payable();
    const { body } = await begin(order).expect(201);
    expect(await paymentOf(order)).toMatchObject({ status: 'pending', version: 0, stripeId: expect.any(String) });
    await confirm(body.clientSecret, good);
    await heard(order, PaymentAuthorized);
    expect(await paymentOf(order)).toMatchObject({ status: 'authorized', version: 1 });
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await allDelivered(order);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', version: 2 });
    const asked = askedAbout(order).map(({ method, path }) => `${method} ${path.replace(/pi_\w+/, ':intent')}`);
    expect(asked).toEqual([
      'POST /v1/payment_intents',
      'POST /v1/payment_intents/:intent/confirm',
      'GET /v1/payment_intents/:intent',
      'POST /v1/payment_intents/:intent/capture',
    ]);
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
