import type Stripe from 'stripe';
import { z } from 'zod';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, fromBrowser, manual, refusalOf, stripeFor } from './testing.ts';
import { API_VERSION } from './views.ts';

let sandbox: RunningSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = stripeFor(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => void sandbox.faults({}));

const cardsOnly = { ...manual, allowed_payment_method_types: [...manual.allowed_payment_method_types] };

function typed(number: string, more: Record<string, string> = {}): Record<string, string> {
  const card = { number, exp_month: '12', exp_year: '2040', cvc: '123', ...more };
  return Object.fromEntries([
    ['payment_method_data[type]', 'card'],
    ...Object.entries(card).map(([field, value]) => [`payment_method_data[card][${field}]`, value]),
  ]);
}

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

describe('test cards', () => {
  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', ''],
  ])('%s is declined: %s %s', async (method, code, declineCode) => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: method }));
    expect(refusal).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { id, status: 'requires_payment_method', last_payment_error: { code } },
    });
    const intent = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    expect(intent).toMatchObject({ payment_method: null, latest_charge: { status: 'failed', failure_code: code } });
    // Another card may be tried, and then the error is gone.
    expect(await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })).toMatchObject({
      status: 'requires_capture',
      last_payment_error: null,
    });
  });

  it.each([
    ['4242 4242 4242 4242', 200, undefined, undefined],
    ['4000000000000002', 402, 'card_declined', 'generic_decline'],
    ['4000000000009995', 402, 'card_declined', 'insufficient_funds'],
    ['4000000000000069', 402, 'expired_card', undefined],
    ['4000000000000127', 402, 'incorrect_cvc', undefined],
    ['4242424242424241', 402, 'incorrect_number', undefined],
    ['4111111111111111', 402, 'card_declined', 'test_mode_live_card'],
    ['12', 402, 'invalid_number', undefined],
  ])('typed into a form, %s answers %i %s', async (number, status, code, declineCode) => {
    const { id, client_secret: secret } = await stripe.paymentIntents.create(cardsOnly);
    const answer = await fromBrowser(sandbox, `/v1/payment_intents/${id}/confirm`, {
      client_secret: String(secret),
      ...typed(number),
    });
    expect(answer.status).toBe(status);
    const body = z.object({ error: z.looseObject({}).optional() }).parse(await answer.json());
    expect(body.error?.code).toBe(code);
    expect(body.error?.decline_code).toBe(declineCode);
  });

  it.each([
    [{ exp_month: '13' }, 'invalid_expiry_month', 'exp_month'],
    [{ exp_year: '2020' }, 'invalid_expiry_year', 'exp_year'],
    [{ cvc: '12' }, 'invalid_cvc', 'cvc'],
  ])('names the field of a mistyped card: %o', async (mistake, code, param) => {
    const { id, client_secret: secret } = await stripe.paymentIntents.create(cardsOnly);
    const answer = await fromBrowser(sandbox, `/v1/payment_intents/${id}/confirm`, {
      client_secret: String(secret),
      ...typed('4242424242424242', mistake),
    });
    expect(await answer.json()).toMatchObject({ error: { type: 'card_error', code, param } });
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'requires_payment_method' });
  });

  it('declines a capture and asks for another card', async () => {
    const { id } = await authorized(stripe, 'pm_sandbox_captureDeclined');
    const refusal = await refusalOf(stripe.paymentIntents.capture(id));
    expect(refusal).toMatchObject({
      type: 'StripeCardError',
      code: 'card_declined',
      payment_intent: { id, status: 'requires_payment_method', amount_capturable: 0, amount_received: 0 },
    });
    expect(await stripe.paymentIntents.cancel(id)).toMatchObject({ status: 'canceled' });
  });

  it('refuses the capture of an authorization that has run out, and cancels', async () => {
    const { id } = await authorized(stripe, 'pm_sandbox_captureExpired');
    expect(await refusalOf(stripe.paymentIntents.capture(id))).toMatchObject({
      statusCode: 400,
      code: 'charge_expired_for_capture',
      payment_intent: { id, status: 'canceled', cancellation_reason: 'automatic' },
    });
  });
});

describe('a card that asks for authentication', () => {
  const withReturn = {
    payment_method: 'pm_card_authenticationRequired',
    return_url: 'https://shop.example/orders/1?a=b',
  };

  async function waiting(): Promise<Stripe.PaymentIntent> {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    return stripe.paymentIntents.confirm(id, withReturn);
  }

  it('leads to a page, and back with the outcome', async () => {
    const intent = await waiting();
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: withReturn.return_url } },
    });
    const url = String(intent.next_action?.redirect_to_url?.url);
    const page = await (await fetch(url)).text();
    expect(page).toContain('Complete authentication');

    const answered = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ outcome: 'complete' }),
    });
    expect(answered.status).toBe(303);
    const back = new URL(String(answered.headers.get('location')));
    expect(back.origin + back.pathname).toBe('https://shop.example/orders/1');
    expect(Object.fromEntries(back.searchParams)).toEqual({
      a: 'b',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: 'succeeded',
    });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_capture',
      next_action: null,
    });
  });

  it('asks for another card when it fails', async () => {
    const { id } = await waiting();
    await sandbox.authenticate(id, 'fail');
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
  });

  it('may still be declined afterwards', async () => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    await stripe.paymentIntents.confirm(id, {
      ...withReturn,
      payment_method: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    });
    await sandbox.authenticate(id, 'complete');
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { decline_code: 'insufficient_funds' },
    });
  });

  it('can be cancelled while it waits, and then there is nothing to authenticate', async () => {
    const { id, next_action: action } = await waiting();
    await stripe.paymentIntents.cancel(id);
    const answered = await fetch(String(action?.redirect_to_url?.url), {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'complete' }),
    });
    expect(answered.status).toBe(400);
  });

  it('is declined where nobody is there to authenticate', async () => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    const refusal = await refusalOf(
      stripe.paymentIntents.confirm(id, { ...withReturn, error_on_requires_action: true }),
    );
    expect(refusal).toMatchObject({ statusCode: 402, code: 'authentication_required' });
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

describe('a browser with the publishable key', () => {
  it('confirms with the client secret and sees no more than it may', async () => {
    const { id, client_secret: secret } = await stripe.paymentIntents.create({
      ...cardsOnly,
      metadata: { orderId: 'secret' },
    });
    const answer = await fromBrowser(sandbox, `/v1/payment_intents/${id}/confirm`, {
      client_secret: String(secret),
      ...typed('4242424242424242'),
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const body = await answer.json();
    expect(body).toMatchObject({ id, status: 'requires_capture', client_secret: secret });
    expect(body).not.toHaveProperty('metadata');
    expect(body).not.toHaveProperty('latest_charge');
  });

  it('is allowed to ask first', async () => {
    const answer = await fetch(`${sandbox.url}/v1/payment_intents/pi_1/confirm`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });

  it('may do nothing without the secret, with a wrong one, or beyond confirming', async () => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    const path = `/v1/payment_intents/${id}`;
    expect((await fromBrowser(sandbox, `${path}/confirm`, typed('4242424242424242'))).status).toBe(400);
    expect(
      (await fromBrowser(sandbox, `${path}/confirm`, { client_secret: 'x', ...typed('4242424242424242') })).status,
    ).toBe(400);
    expect((await fromBrowser(sandbox, `${path}/capture`, {})).status).toBe(401);
    expect((await fromBrowser(sandbox, `${path}/cancel`, {})).status).toBe(401);
    const listed = await refusalOf(stripeFor(sandbox, 'pk_test_sandbox').paymentIntents.list());
    expect(listed).toMatchObject({ statusCode: 401, code: 'secret_key_required' });
  });

  it('cannot turn a later capture into one at once', async () => {
    const { id, client_secret: secret } = await stripe.paymentIntents.create(cardsOnly);
    const answer = await fromBrowser(sandbox, `/v1/payment_intents/${id}/confirm`, {
      client_secret: String(secret),
      capture_method: 'automatic',
      ...typed('4242424242424242'),
    });
    expect(answer.status).toBe(400);
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
