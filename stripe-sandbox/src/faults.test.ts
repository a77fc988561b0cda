import { eventually } from '@box-office/common/testing/eventually';
import Stripe from 'stripe';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, cardsOnly, refusalOf, stripeFor } from './testing.ts';

let sandbox: RunningSandbox;
let stripe: Stripe;

beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = stripeFor(sandbox);
});
afterEach(() => sandbox.stop());

const keyed = (idempotencyKey: string) => ({ idempotencyKey });

describe('an idempotency key', () => {
  it('gives the same answer to the same request, and marks it', async () => {
    const first = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { a: '1', b: '2' } }, keyed('order-1'));
    await stripe.paymentIntents.cancel(first.id);
    const again = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { b: '2', a: '1' } }, keyed('order-1'));
    expect(again).toEqual(first);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed');
    expect(sandbox.state().intents).toHaveLength(1);
  });

  it('refuses other parameters and another endpoint', async () => {
    const [one, two] = [await stripe.paymentIntents.create(cardsOnly, keyed('order-1')), await authorized(stripe)];
    await stripe.paymentIntents.cancel(one.id, {}, keyed('cancel'));
    for (const call of [
      stripe.paymentIntents.create({ ...cardsOnly, amount: 1600 }, keyed('order-1')),
      stripe.paymentIntents.cancel(two.id, {}, keyed('cancel')),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    }
  });

  it('keeps a refusal too, with the payment as it was', async () => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    const decline = () => stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }, keyed('c'));
    const first = await refusalOf(decline());
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    const again = await refusalOf(decline());
    expect(again.payment_intent).toEqual(first.payment_intent);
    expect(again.statusCode).toBe(402);

    const capture = () => stripe.paymentIntents.capture(id, { amount_to_capture: 9 }, keyed('d'));
    await stripe.paymentIntents.cancel(id);
    expect(await refusalOf(capture())).toMatchObject({ code: 'payment_intent_unexpected_state' });
    expect((await refusalOf(capture())).headers).toMatchObject({ 'idempotent-replayed': 'true' });
  });

  it('is free again after a request that never began', async () => {
    expect(await refusalOf(stripe.rawRequest('POST', '/v1/payment_intents', {}, keyed('order-1')))).toMatchObject({
      code: 'parameter_missing',
    });
    await stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
  });

  it('answers 409 to a second request while the first is under way', async () => {
    sandbox.faults({ delayRepliesMs: 1_000 });
    const first = stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    const second = stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    const [one, two] = await Promise.allSettled([first, second]);
    const outcomes = [one, two].map((it) => (it.status === 'fulfilled' ? 200 : it.reason.statusCode));
    expect(outcomes.sort()).toEqual([200, 409]);
    expect(sandbox.state().intents).toHaveLength(1);
  });

  it('is forgotten after a day', async () => {
    const first = await stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    await sandbox.advance(25 * 60 * 60 * 1000);
    const later = await stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    expect(later.id).not.toBe(first.id);
  });
});

describe('a fault', () => {
  it('drops the reply after the effect, and the repeated request learns of it', async () => {
    // stripe-node repeats a request once by itself when the connection was closed, hence two.
    sandbox.faults({ dropReplies: { next: 2, path: '/v1/payment_intents' } });
    const create = () => stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    await expect(create()).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(sandbox.state().intents).toHaveLength(1);
    const [kept] = sandbox.state().intents;
    expect(await create()).toMatchObject({ id: kept?.id });
    expect(sandbox.state().intents).toHaveLength(1);
    expect(sandbox.state().requests.last.filter(({ status }) => status === 'dropped')).toHaveLength(2);
  });

  it('drops the reply of a capture only', async () => {
    const { id } = await authorized(stripe);
    sandbox.faults({ dropReplies: { next: 2, path: '/v1/payment_intents/*/capture' } });
    await stripe.paymentIntents.retrieve(id);
    await expect(stripe.paymentIntents.capture(id)).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded' });
  });

  it('drops a request before any effect', async () => {
    sandbox.faults({ dropRequests: { next: 2 } });
    await expect(stripe.paymentIntents.create(cardsOnly)).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(sandbox.state().intents).toEqual([]);
  });

  it('fails requests without an effect and without keeping the failure', async () => {
    sandbox.faults({ failRequests: { next: 1, status: 503 } });
    const refusal = await refusalOf(stripe.paymentIntents.create(cardsOnly, keyed('order-1')));
    expect(refusal).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
    expect(sandbox.state().intents).toEqual([]);
    await stripe.paymentIntents.create(cardsOnly, keyed('order-1'));
    expect(sandbox.state().intents).toHaveLength(1);
  });

  it('fails a request for as long as its key lives, when configured to remember', async () => {
    sandbox.faults({ failRequests: { next: 1, status: 500, remembered: true } });
    const create = (key: string) => stripe.paymentIntents.create(cardsOnly, keyed(key));
    expect(await refusalOf(create('order-1'))).toMatchObject({ statusCode: 500 });
    expect(await refusalOf(create('order-1'))).toMatchObject({ statusCode: 500 });
    await create('order-2');
    expect(sandbox.state().intents).toHaveLength(1);
  });

  it('refuses captures: the next ones, or those of one payment', async () => {
    const [one, two, three] = [await authorized(stripe), await authorized(stripe), await authorized(stripe)];
    sandbox.faults({ refuseCaptures: { next: 1 } });
    expect(await refusalOf(stripe.paymentIntents.capture(one.id))).toMatchObject({ code: 'card_declined' });
    sandbox.faults({ refuseCaptures: { intents: [two.id], code: 'charge_expired_for_capture' } });
    expect(await refusalOf(stripe.paymentIntents.capture(two.id))).toMatchObject({
      code: 'charge_expired_for_capture',
    });
    expect(await stripe.paymentIntents.capture(three.id)).toMatchObject({ status: 'succeeded' });
  });

  it('takes Stripe down, and what was there is there again afterwards', async () => {
    const { id } = await stripe.paymentIntents.create(cardsOnly);
    sandbox.faults({ down: true });
    await expect(stripe.paymentIntents.retrieve(id)).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    sandbox.faults({});
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ id });
  });

  it('lets a repeated request through to the answer of the first, however it was cut off', async () => {
    sandbox.faults({ dropReplies: { probability: 0.5 }, seed: 3 });
    const ids = new Set<string>();
    for (let n = 0; n < 8; n += 1) {
      ids.add(
        await stripe.paymentIntents.create(cardsOnly, keyed('order-1')).then(
          (it) => it.id,
          () => 'cut off',
        ),
      );
    }
    ids.delete('cut off');
    expect(ids.size).toBe(1);
    expect(sandbox.state().intents).toHaveLength(1);
  });
});

it('a refund is refused while the buyer disputes the charge', async () => {
  const { id } = await authorized(stripe);
  await stripe.paymentIntents.capture(id);
  sandbox.faults({ refuseRefunds: { next: 1 } });
  await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: 'charge_disputed' });
  await expect(stripe.refunds.create({ payment_intent: id })).resolves.toMatchObject({ status: 'succeeded' });
});

it('a refund is refused while there is no balance, and to the same request also later', async () => {
  const { id } = await authorized(stripe);
  await stripe.paymentIntents.capture(id);
  sandbox.faults({ emptyBalance: true });
  const refund = (idempotencyKey: string) => stripe.refunds.create({ payment_intent: id }, { idempotencyKey });
  await expect(refund(`first-${id}`)).rejects.toMatchObject({ code: 'balance_insufficient' });
  sandbox.faults({});
  await expect(refund(`first-${id}`)).rejects.toMatchObject({ code: 'balance_insufficient' });
  await expect(refund(`second-${id}`)).resolves.toMatchObject({ status: 'succeeded' });
});

describe('the controls over HTTP', () => {
  const key = { authorization: 'Bearer sk_test_sandbox' };
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.url}${path}`, {
      method,
      headers: { ...key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('switch faults on, change a part, and switch them off', async () => {
    await call('PUT', '/sandbox/faults', { failRequests: { next: 3 }, delayWebhooksMs: 5 });
    await call('PATCH', '/sandbox/faults', { down: true });
    const both = await (await call('GET', '/sandbox/faults')).json();
    expect(both).toMatchObject({ down: true, delayWebhooksMs: 5, failRequests: { next: 3, status: 503 } });
    await call('PUT', '/sandbox/faults', { down: true });
    expect(await (await call('GET', '/sandbox/faults')).json()).toMatchObject({ delayWebhooksMs: 0 });
    await call('DELETE', '/sandbox/faults');
    expect(await (await call('GET', '/sandbox/faults')).json()).toMatchObject({ down: false });
  });

  it.each([
    ['GET', '/sandbox/faults'],
    ['PUT', '/sandbox/faults'],
    ['PATCH', '/sandbox/faults'],
    ['DELETE', '/sandbox/faults'],
    ['GET', '/sandbox/state'],
    ['POST', '/sandbox/clock'],
    ['PUT', '/sandbox/webhooks'],
    ['POST', '/sandbox/webhooks/redeliver'],
    ['POST', '/sandbox/disputes'],
    ['POST', '/sandbox/disputes/du_1'],
    ['POST', '/sandbox/refunds/re_1'],
    ['GET', '/sandbox/authenticate/pi_1'],
    ['POST', '/sandbox/authenticate/pi_1'],
    ['POST', '/sandbox//clock'],
    ['POST', '/sandbox/anything'],
  ])('refuse %s %s without the secret key, and with another', async (method, path) => {
    for (const authorization of [
      '',
      'Bearer pk_test_sandbox',
      'Bearer sk_test_sandbo',
      'Basic c2tfdGVzdF9zYW5kYm94Og==',
    ]) {
      const answer = await fetch(`${sandbox.url}${path}`, { method, headers: { authorization } });
      expect([path, authorization, answer.status]).toEqual([path, authorization, 401]);
    }
  });

  it('show the page of the bank to the buyer who has the link, for that payment alone', async () => {
    const { id, client_secret: secret } = await authorized(stripe);
    const other = await authorized(stripe);
    const page = (of: string) => fetch(`${sandbox.url}/sandbox/authenticate/${of}?client_secret=${secret}`);
    expect((await page(id)).status).toBe(200);
    expect((await page(other.id)).status).toBe(401);
  });

  it('refuse a switch that is not there', async () => {
    const answer = await call('PUT', '/sandbox/faults', { looseWebhooks: { next: 1 } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid-request' });
    expect((await call('PUT', '/sandbox/faults', { loseWebhooks: { probability: 2 } })).status).toBe(400);
  });

  it('show the state, advance the clock, and name the receivers', async () => {
    const { id } = await authorized(stripe);
    await call('POST', '/sandbox/clock', { advanceMs: 8 * 24 * 60 * 60 * 1000 });
    await call('PUT', '/sandbox/webhooks', { urls: ['http://127.0.0.1:9/hook'] });
    expect(await (await call('GET', '/sandbox/state')).json()).toMatchObject({
      intents: [{ id, status: 'canceled', cancellationReason: 'automatic' }],
      charges: [{ intentId: id, captured: false }],
      refunds: [{ released: true, reason: 'expired_uncaptured_charge' }],
      webhooks: { urls: ['http://127.0.0.1:9/hook'] },
      requests: { count: 2 },
    });
    expect((await call('POST', '/sandbox/webhooks/redeliver', { eventId: 'evt_none' })).status).toBe(404);
    expect((await call('POST', '/sandbox/authenticate/pi_none', { outcome: 'fail' })).status).toBe(404);
  });

  it('say when it is ready', async () => {
    expect(await (await call('GET', '/healthz/ready')).json()).toEqual({ ready: true });
  });
});

it('stops while answers are held back, and gives them', async () => {
  sandbox.faults({ delayRepliesMs: 60_000 });
  const held = stripe.paymentIntents.create(cardsOnly);
  await eventually(() => expect(sandbox.state().intents.length).toBe(1));
  await sandbox.stop();
  await expect(held).resolves.toMatchObject({ status: 'requires_payment_method' });
});
