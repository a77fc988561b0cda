import type Stripe from 'stripe';
import { z } from 'zod';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, cardsOnly, fromBrowser, refusalOf, stripeFor } from './testing.ts';

let sandbox: RunningSandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = stripeFor(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => void sandbox.faults({}));

function typed(number: string, more: Record<string, string> = {}): Record<string, string> {
  const card = { number, exp_month: '12', exp_year: '2040', cvc: '123', ...more };
  return Object.fromEntries([
    ['payment_method_data[type]', 'card'],
    ...Object.entries(card).map(([field, value]) => [`payment_method_data[card][${field}]`, value]),
  ]);
}

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
