import type Stripe from 'stripe';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, cardsOnly, refusalOf, stripeFor } from './testing.ts';
import { API_VERSION } from './views.ts';

let sandbox: RunningSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = stripeFor(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => void sandbox.faults({}));

describe('a payment that is captured later', () => {
  it('reserves the money, then takes it', async () => {
    const intent = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { orderId: 'abc', 'a b': 'ü' } });
    expect(intent).toMatchObject({
      object: 'payment_intent',
      status: 'requires_payment_method',
      amount: 1500,
      currency: 'eur',
      capture_method: 'manual',
      metadata: { orderId: 'abc', 'a b': 'ü' },
      latest_charge: null,
      amount_received: 0,
    });
    expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_\\w+$`));

    const confirmed = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect(confirmed).toMatchObject({ status: 'requires_capture', amount_capturable: 1500, amount_received: 0 });

    const captured = await stripe.paymentIntents.capture(intent.id, { expand: ['latest_charge'] });
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: 1500,
      latest_charge: { object: 'charge', captured: true, amount_captured: 1500, payment_intent: intent.id },
    });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded' });
  });

  it('gives the rest back when only a part is taken', async () => {
    const { id } = await authorized(stripe);
    const captured = await stripe.paymentIntents.capture(id, { amount_to_capture: 1000, expand: ['latest_charge'] });
    expect(captured).toMatchObject({
      amount_received: 1000,
      latest_charge: { amount_captured: 1000, amount_refunded: 500, refunded: false },
    });
  });

  it('refuses to take more than was reserved', async () => {
    const { id } = await authorized(stripe);
    const refusal = await refusalOf(stripe.paymentIntents.capture(id, { amount_to_capture: 1501 }));
    expect(refusal).toMatchObject({ statusCode: 400, code: 'amount_too_large', param: 'amount_to_capture' });
  });

  it('lets the money go when it is cancelled, and shows that as a refund of what was never captured', async () => {
    const { id } = await authorized(stripe);
    const canceled = await stripe.paymentIntents.cancel(id, {
      cancellation_reason: 'abandoned',
      expand: ['latest_charge'],
    });
    expect(canceled).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'abandoned',
      amount_capturable: 0,
      amount_received: 0,
      canceled_at: expect.any(Number),
      latest_charge: { captured: false, refunded: true, amount_refunded: 1500 },
    });
  });

  it('is taken at once when the method cannot be captured later', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 1500,
      currency: 'eur',
      capture_method: 'manual',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      payment_method: 'pm_sandbox_immediate',
      confirm: true,
    });
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1500 });
  });
});

describe('a payment that is captured at once', () => {
  it('succeeds when it is confirmed', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      payment_method: 'pm_card_mastercard',
      confirm: true,
      return_url: 'https://shop.example/back',
    });
    expect(intent).toMatchObject({ status: 'succeeded', capture_method: 'automatic_async', amount_received: 2000 });
  });

  it('asks for a return_url when a method could lead away, as Stripe does', async () => {
    const refusal = await refusalOf(
      stripe.paymentIntents.create({ amount: 2000, currency: 'usd', payment_method: 'pm_card_visa', confirm: true }),
    );
    expect(refusal).toMatchObject({ statusCode: 400, param: 'return_url' });
  });
});

describe('what a state allows', () => {
  it.each([
    ['capture', 'requires_payment_method', () => stripe.paymentIntents.create(cardsOnly)],
    ['confirm', 'requires_capture', () => authorized(stripe)],
    ['confirm', 'canceled', async () => stripe.paymentIntents.cancel((await authorized(stripe)).id)],
    ['cancel', 'canceled', async () => stripe.paymentIntents.cancel((await authorized(stripe)).id)],
    ['capture', 'canceled', async () => stripe.paymentIntents.cancel((await authorized(stripe)).id)],
    ['cancel', 'succeeded', async () => stripe.paymentIntents.capture((await authorized(stripe)).id)],
    ['capture', 'succeeded', async () => stripe.paymentIntents.capture((await authorized(stripe)).id)],
    ['confirm', 'succeeded', async () => stripe.paymentIntents.capture((await authorized(stripe)).id)],
  ] as const)('refuses to %s when %s', async (call, status, make) => {
    const { id } = await make();
    const refusal = await refusalOf(stripe.paymentIntents[call](id));
    expect(refusal).toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
      payment_intent: { id, status },
    });
  });

  it('changes words at any time, the amount only while it is open', async () => {
    const open = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { keep: '1', drop: '2' } });
    const updated = await stripe.paymentIntents.update(open.id, { amount: 1700, metadata: { drop: '', add: '3' } });
    expect(updated).toMatchObject({ amount: 1700, metadata: { keep: '1', add: '3' } });
    expect(updated.metadata).not.toHaveProperty('drop');

    const { id } = await authorized(stripe);
    expect(await stripe.paymentIntents.update(id, { description: 'late' })).toMatchObject({ description: 'late' });
    expect(await refusalOf(stripe.paymentIntents.update(id, { amount: 1 }))).toMatchObject({ statusCode: 400 });
    expect(await refusalOf(stripe.paymentIntents.update(id, { amount: 1700 }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });
});

describe('refunds', () => {
  async function paid(): Promise<string> {
    const { id } = await authorized(stripe);
    await stripe.paymentIntents.capture(id);
    return id;
  }

  it('give back a part, then the rest, and no more', async () => {
    const payment_intent = await paid();
    const part = await stripe.refunds.create({ payment_intent, amount: 500, reason: 'requested_by_customer' });
    expect(part).toMatchObject({ object: 'refund', amount: 500, status: 'succeeded', payment_intent });
    expect(await refusalOf(stripe.refunds.create({ payment_intent, amount: 1001 }))).toMatchObject({ param: 'amount' });
    expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ amount: 1000 });
    expect(await refusalOf(stripe.refunds.create({ payment_intent }))).toMatchObject({
      statusCode: 400,
      code: 'charge_already_refunded',
    });
    const charge = await stripe.charges.retrieve(String(part.charge));
    expect(charge).toMatchObject({ refunded: true, amount_refunded: 1500, captured: true });
    const listed = await stripe.refunds.list({ payment_intent });
    expect(listed.data.map(({ amount }) => amount)).toEqual([1000, 500]);
    expect(await stripe.refunds.retrieve(part.id, { expand: ['charge'] })).toMatchObject({ charge: { id: charge.id } });
  });

  it('need money that was taken', async () => {
    const { id } = await authorized(stripe);
    expect(await refusalOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({ statusCode: 400 });
  });
});

describe('lists', () => {
  it('come newest first, in pages', async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push((await stripe.paymentIntents.create(cardsOnly)).id);
    const first = await stripe.paymentIntents.list({ limit: 2 });
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' });
    const listed: string[] = [];
    for await (const { id } of stripe.paymentIntents.list({ limit: 2 })) {
      listed.push(id);
      if (listed.length === 5) break;
    }
    expect(listed).toEqual(made.reverse());
  });

  it('can be narrowed to a time', async () => {
    const { id, created } = await stripe.paymentIntents.create(cardsOnly);
    const within = await stripe.paymentIntents.list({ created: { gte: created - 1, lte: created }, limit: 100 });
    expect(within.data.map((intent) => intent.id)).toContain(id);
    expect((await stripe.paymentIntents.list({ created: { gt: created + 1 } })).data).toEqual([]);
    expect((await stripe.paymentIntents.list({ created: { lt: 1000 } })).data).toEqual([]);
  });
});

describe('a request that is wrong', () => {
  it('with another key: 401', async () => {
    const refusal = await refusalOf(stripeFor(sandbox, 'sk_test_other').paymentIntents.list());
    expect(refusal).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 });
  });

  it('about something unknown: 404', async () => {
    expect(await refusalOf(stripe.paymentIntents.retrieve('pi_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'intent',
    });
    expect(await refusalOf(stripe.rawRequest('GET', '/v1/invoices'))).toMatchObject({ statusCode: 404 });
  });

  it.each([
    [{ currency: 'eur' }, 'parameter_missing', 'amount'],
    [{ amount: 'ten', currency: 'eur' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 19.99, currency: 'eur' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 10, currency: 'eur' }, 'amount_too_small', 'amount'],
    [{ amount: 100_000_000, currency: 'eur' }, 'amount_too_large', 'amount'],
    [{ amount: 1500, currency: 'xyz' }, undefined, 'currency'],
    [{ amount: 1500, currency: 'eur', colour: 'red' }, 'parameter_unknown', 'colour'],
    [{ amount: 1500, currency: 'eur', payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
    [{ amount: 1500, currency: 'eur', capture_method: 'never' }, undefined, 'capture_method'],
    [{ amount: '', currency: 'eur' }, 'parameter_invalid_empty', 'amount'],
  ])('in its parameters: %o', async (given, code, param) => {
    const refusal = await refusalOf(stripe.rawRequest('POST', '/v1/payment_intents', given));
    expect(refusal).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, param });
    expect(refusal.code).toBe(code);
  });

  it('with what belongs to confirming, when it does not confirm', async () => {
    const refusal = await refusalOf(stripe.paymentIntents.create({ ...cardsOnly, return_url: 'https://shop.example' }));
    expect(refusal).toMatchObject({ statusCode: 400, param: 'return_url' });
  });

  it('as JSON: 400, as Stripe takes forms only', async () => {
    const answer = await fetch(`${sandbox.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_sandbox', 'content-type': 'application/json' },
      body: JSON.stringify(cardsOnly),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('asks for an expansion that does not exist, and has no effect', async () => {
    const before = sandbox.state().intents.length;
    expect(await refusalOf(stripe.paymentIntents.create({ ...cardsOnly, expand: ['metadata.x'] }))).toMatchObject({
      statusCode: 400,
      param: 'expand',
    });
    expect(sandbox.state().intents).toHaveLength(before);
  });

  it('answers every request with its id and the version that was asked for', async () => {
    const { lastResponse } = await stripe.paymentIntents.create(cardsOnly);
    expect(lastResponse.requestId).toMatch(/^req_/);
    expect(lastResponse.apiVersion).toBe(API_VERSION);
  });
});

it('lets nothing wait longer than seven days for a capture', async () => {
  const { id } = await authorized(stripe);
  const captured = await authorized(stripe);
  await stripe.paymentIntents.capture(captured.id);
  const day = 24 * 60 * 60 * 1000;
  await sandbox.advance(6.9 * day);
  expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'requires_capture' });
  await sandbox.advance(0.2 * day);
  expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
    status: 'canceled',
    cancellation_reason: 'automatic',
  });
  expect(await stripe.paymentIntents.retrieve(captured.id)).toMatchObject({ status: 'succeeded' });
});
