import { OrderCancelled, OrderCreated } from '@box-office/common/contracts/orders';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentRefunded,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, testParts } from '@box-office/common/testing/parts';
import type Stripe from 'stripe';
import { begin as beginPayment } from './payment.ts';
import {
  allHeard,
  another,
  awaiting,
  begin,
  cancelled,
  confirm,
  copyOf,
  copyOnly,
  eventsAbout,
  good,
  heard,
  intentStatus,
  intentsOf,
  newOrder,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  reconcileAfterMs,
  refundsOf,
  sandbox,
  signed,
  stripe,
  tellAll,
  untilForgotten,
  usePayments,
  webhookSecret,
} from './payments-under-test.ts';
import { createPayments } from './service.ts';

usePayments();

describe('a crash', () => {
  beforeEach(() => {
    sandbox.faults({ loseWebhooks: { probability: 1 } });
  });

  const createsThat = (fault: 'dropRequests' | 'dropReplies') =>
    sandbox.faults({ loseWebhooks: { probability: 1 }, [fault]: { next: 3, path: '/v1/payment_intents' } });

  it.each(['dropRequests', 'dropReplies'] as const)(
    'around the making of the intent leaves one that the next attempt finds (%s)',
    async (fault) => {
      const order = await payable();
      createsThat(fault);
      await begin(order).expect(503);
      expect(await paymentOf(order)).toBeNull();
      expect(intentsOf(order)).toHaveLength(fault === 'dropReplies' ? 1 : 0);
      const { body } = await begin(order).expect(201);
      expect(intentsOf(order)).toMatchObject([{ id: (await paymentOf(order))?.stripeId }]);
      expect(await confirm(body.clientSecret, good)).toBe(200);
    },
  );

  it('of an earlier release before it made the intent heals', async () => {
    const order = await payable();
    const { id, ...fields } = beginPayment(order, parts.now()).next;
    await parts.connection.collection<StoredAggregate>('payments').insertOne({ _id: id, ...fields, outbox: [] });
    untilForgotten();
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ stripeId: expect.any(String) }));
    expect(intentsOf(order)).toMatchObject([{ id: (await paymentOf(order))?.stripeId }]);
    await begin(order).expect(200);
  });

  it('of an order while its intent is made leaves a payment that is let go in the end', async () => {
    const order = await payable();
    await begin(order).expect(201);
    await copyOnly(cancelled(order));
    untilForgotten();
    await heard(order, PaymentVoided);
    await intentStatus(order, 'canceled');
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
      const asked = { ...event, id: `evt_${newId()}`, type: 'payment_intent.amount_capturable_updated' };
      await signed(JSON.stringify(asked), webhookSecret, second).expect(200);
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
    /** It is left out when a busy database takes longer than a scrape waits. */
    const told = () =>
      eventually(async () => {
        const seconds = await age();
        expect(seconds).toBeDefined();
        return Number(seconds);
      });
    expect(await told()).toBe(0);
    const { id, ...fields } = beginPayment(newOrder(), own.now()).next;
    await payments.insertOne({ _id: id, ...fields, outbox: [] });
    own.now.forward(600_000);
    await payments.insertOne({ ...fields, _id: newId(), since: own.now().toISOString(), outbox: [] });
    expect(await told()).toBeGreaterThanOrEqual(600);
    await payments.updateOne({ _id: id }, { $set: { status: 'captured' } });
    expect(await told()).toBeLessThan(600);
    await payments.updateOne({ _id: id }, { $set: { refundWanted: true } });
    expect(await told()).toBeGreaterThanOrEqual(600);
    await own.end();
    expect(await age()).toBeUndefined();
  });
});
