import { type Order, OrderAwaitingPayment, OrderCancelled } from '@box-office/common/contracts/orders';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import {
  allDelivered,
  allHeard,
  as,
  askedAbout,
  awaiting,
  cancelled,
  heard,
  intentsOf,
  newOrder,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  refund,
  refundAnswer,
  refundPart,
  refundsOf,
  sandbox,
  service,
  sold,
  stripe,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

usePayments();

describe('a refund', () => {
  it('gives everything back, once, however often and at once the seller asks', async () => {
    const order = await sold();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refund(order)));
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      answers.map(() => ({ status: 200, body: refundAnswer(order) })),
    );
    await heard(order, PaymentRefunded);
    // What is over is not asked about: Stripe may be away.
    sandbox.faults({ down: true });
    await refund(order).expect(200, refundAnswer(order));
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
    await refund(order).expect(200, refundAnswer(order));
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
    await refund(order).expect(200, refundAnswer(order));
    expect(refundsOf(order)).toHaveLength(1);
  });

  it('gives back what is left, when a part was given back by hand', async () => {
    const order = await sold();
    await stripe.refunds.create({ payment_intent: intentsOf(order)[0]?.id ?? '', amount: 500 });
    await refund(order).expect(200);
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([500, 1000]);
    // The first part may be seen by itself or only together with the rest.
    await heard(order, PaymentRefunded);
    expect(await newsOf(order, PaymentRefunded)).toHaveLength(1);
  });

  it('of a part gives back that part, once for each key', async () => {
    const order = await sold();
    const key = newId();
    await refundPart(order, 400, key).expect(200, refundAnswer(order, 400));
    await refundPart(order, 400, key).expect(200, refundAnswer(order, 400));
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([400]);
    await heard(order, PaymentPartlyRefunded);
    expect(await newsOf(order, PaymentPartlyRefunded)).toMatchObject([{ status: 'captured', refunded: 400 }]);
    await refundPart(order, 600).expect(200, refundAnswer(order, 1000));
    expect((await refundPart(order, 501).expect(409)).body).toMatchObject({
      code: 'refund-too-large',
      detail: expect.stringContaining('Only 500 is left'),
    });
    await refund(order).expect(200, refundAnswer(order));
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([400, 600, 500]);
    await heard(order, PaymentRefunded);
    expect((await refundPart(order, 1).expect(409)).body.code).toBe('refund-too-large');
    for (const amount of [0, -1, 1.5, '400']) await refund(order).send({ amount }).expect(400);
  });

  it('of parts at once never gives back more than was taken', async () => {
    const order = await sold();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refundPart(order, 400)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 409, 409, 409]);
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([400, 400, 400]);
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 1200 }));
  });

  it('of a part is made once, although we died between Stripe’s doing so and storing that, for days', async () => {
    const order = await sold();
    sandbox.faults({ loseWebhooks: { probability: 1 }, dropReplies: { next: 3, path: '/v1/refunds' } });
    await refundPart(order, 400).expect(503);
    expect(await paymentOf(order)).toMatchObject({ partRefunds: [{ amount: 400, made: false }] });
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    // By then Stripe has forgotten the idempotency key.
    parts.now.forward(2 * 24 * 3_600_000);
    await heard(order, PaymentPartlyRefunded);
    expect(refundsOf(order).map(({ amount }) => amount)).toEqual([400]);
    expect(await paymentOf(order)).toMatchObject({ refunded: 400, partRefunds: [{ amount: 400, made: true }] });
  });

  it('of a part that Stripe refuses is told so, and is wanted no more', async () => {
    const order = await sold();
    sandbox.faults({ refuseRefunds: { next: 1 } });
    expect((await refundPart(order, 400).expect(409)).body.code).toBe('refund-refused');
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', partRefunds: [] });
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

  it('is seen when a part was given back', async () => {
    const { order, intent } = await captured();
    sandbox.faults(lost);
    await stripe.refunds.create({ payment_intent: intent, amount: 500 });
    forgotten();
    await heard(order, PaymentPartlyRefunded);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 500 });
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
    await allDelivered(order);
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
