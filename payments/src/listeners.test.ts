import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderRefunded,
} from '@box-office/common/contracts/orders';
import { PaymentAuthorized, PaymentCaptured, PaymentVoided } from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { announce, announceNonsense } from '@box-office/common/testing/announce';
import { testDatabase } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, testParts } from '@box-office/common/testing/parts';
import request from 'supertest';
import { begin as beginPayment } from './payment.ts';
import {
  allHeard,
  another,
  as,
  askedAbout,
  awaiting,
  cancelled,
  confirm,
  copyOf,
  good,
  heard,
  intentsOf,
  keysOfCaptures,
  newOrder,
  newsOf,
  parts,
  pay,
  payable,
  refundsOf,
  service,
  stripe,
  usePayments,
  webhookSecret,
} from './payments-under-test.ts';
import { connectStripe } from './stripe.ts';

usePayments();

describe('events', () => {
  it('of a refund are heard too, so that the copy of an order stays as the order is', async () => {
    const order = await payable();
    const refundedAt = new Date().toISOString();
    await announce(parts.bus, OrderCompleted, { ...order, version: 2, status: 'complete' });
    await announce(parts.bus, OrderRefunded, { ...order, version: 3, status: 'complete', refundedAt });
    await eventually(async () => expect(await copyOf(order.id)).toMatchObject({ version: 3, refundedAt }));
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
    // More than one job asks, and may do so at the same moment.
    await eventually(() => expect(unanswered).toBeGreaterThan(0));
    const startedAt = performance.now();
    await second.stop();
    // What `stop` promises by default; Stripe is waited for longer.
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    silent.closeAllConnections();
    silent.close();
    await own.end();
  });
});
