import { eventually } from '@box-office/common/testing/eventually';
import Stripe from 'stripe';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, cardsOnly, type Receiver, startReceiver, stripeFor } from './testing.ts';

let receiver: Receiver;
let sandbox: RunningSandbox;
let stripe: Stripe;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ webhookUrl: receiver.url, retryDelaysMs: [10, 20, 40] });
  stripe = stripeFor(sandbox);
});
afterEach(async () => {
  await sandbox.stop();
  await receiver.stop();
});

const create = () => stripe.paymentIntents.create(cardsOnly);

/** What has arrived, in whatever order: Stripe promises none. */
const arrived = () => receiver.types().sort();

describe('webhooks', () => {
  it('report the whole course of a payment, signed, each with the payment as it was then', async () => {
    const { id } = await authorized(stripe);
    await stripe.paymentIntents.capture(id);
    await stripe.refunds.create({ payment_intent: id });
    await eventually(() => expect(receiver.received.length).toBe(6));
    expect(arrived()).toEqual([
      'charge.captured',
      'charge.refunded',
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
      'payment_intent.succeeded',
      'refund.created',
    ]);
    const created = receiver.received.find(({ event }) => event.type === 'payment_intent.created')?.event;
    expect(created).toMatchObject({
      object: 'event',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
      created: expect.any(Number),
      data: { object: { id, object: 'payment_intent', status: 'requires_payment_method' } },
      request: { id: expect.stringMatching(/^req_/), idempotency_key: expect.any(String) },
    });
  });

  it('report a failure, an authentication, and a cancelled payment', async () => {
    const declined = await create();
    await expect(
      stripe.paymentIntents.confirm(declined.id, { payment_method: 'pm_card_chargeDeclined' }),
    ).rejects.toThrow('declined');
    await stripe.paymentIntents.confirm(declined.id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example',
    });
    await stripe.paymentIntents.cancel(declined.id);
    await eventually(() => expect(receiver.received.length).toBe(4));
    expect(arrived()).toEqual([
      'payment_intent.canceled',
      'payment_intent.created',
      'payment_intent.payment_failed',
      'payment_intent.requires_action',
    ]);
  });

  it('report an authorization that was released, and one that expired', async () => {
    const { id } = await authorized(stripe);
    await stripe.paymentIntents.cancel(id);
    await eventually(() => expect(receiver.received.length).toBe(5));
    expect(arrived()).toContain('charge.refunded');
    await authorized(stripe);
    await sandbox.advance(8 * 24 * 60 * 60 * 1000);
    await eventually(() => expect(receiver.received.length).toBe(10));
    expect(arrived()).toContain('charge.expired');
  });

  it('are tried again until the receiver confirms them', async () => {
    receiver.answer = 503;
    await create();
    await eventually(() => expect(sandbox.state().webhooks.failedTries).toBeGreaterThanOrEqual(3));
    expect(sandbox.state().webhooks.undelivered).toMatchObject([{ type: 'payment_intent.created' }]);
    const [pending] = (await stripe.events.list({ delivery_success: false })).data;
    expect(pending).toMatchObject({ type: 'payment_intent.created', pending_webhooks: 1 });
    receiver.answer = 200;
    await eventually(() => expect(receiver.received.length).toBe(1));
    await eventually(() => expect(sandbox.state().webhooks.undelivered.length).toBe(0));
    expect(sandbox.state().webhooks).toMatchObject({ delivered: 1, repeated: 0 });
    expect(await stripe.events.retrieve(String(pending?.id))).toMatchObject({ pending_webhooks: 0 });
  });

  it('go to every receiver, and carry both signatures while a secret is changed', async () => {
    const other = await startReceiver('whsec_new');
    const both = await startSandbox({
      webhookUrl: [receiver.url, other.url],
      webhookSecret: ['whsec_sandbox', 'whsec_new'],
    });
    try {
      await stripeFor(both).paymentIntents.create(cardsOnly);
      await eventually(() => expect([receiver.received.length, other.received.length]).toEqual([1, 1]));
      expect(other.received[0]?.event.id).toBe(receiver.received[0]?.event.id);
    } finally {
      await both.stop();
      await other.stop();
    }
  });

  it('can be asked for by a reconciler instead', async () => {
    const { id } = await authorized(stripe);
    const events = await stripe.events.list({ types: ['payment_intent.amount_capturable_updated'] });
    expect(events.data).toMatchObject([{ data: { object: { id, status: 'requires_capture' } } }]);
    const all = await stripe.events.list({ type: 'payment_intent.*' });
    expect(all.data.map(({ type }) => type)).toEqual([
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
    ]);
  });
});

describe('webhook faults', () => {
  it('lose the next ones for good, until they are asked for', async () => {
    sandbox.faults({ loseWebhooks: { next: 1 } });
    const lost = await create();
    const kept = await create();
    await eventually(() => expect(receiver.received.length).toBe(1));
    expect(receiver.received[0]?.event.data.object).toMatchObject({ id: kept.id });
    // The receiver has it before the sandbox has read the answer.
    await eventually(() => expect(sandbox.state().webhooks.undelivered.length).toBe(0));
    const { webhooks } = sandbox.state();
    expect(webhooks.lost).toMatchObject([{ about: lost.id }]);

    expect(sandbox.redeliver()).toEqual(webhooks.lost.map(({ id }) => id));
    await eventually(() => expect(receiver.received.length).toBe(2));
    await eventually(() => expect(sandbox.state().webhooks.lost.length).toBe(0));
  });

  it('repeat one after it was confirmed, under the same id', async () => {
    sandbox.faults({ repeatWebhooks: { next: 1, times: 2 } });
    await create();
    await eventually(() => expect(receiver.received.length).toBe(3));
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    await eventually(() => expect(sandbox.state().webhooks.repeated).toBe(2));
  });

  it('delay them', async () => {
    sandbox.faults({ delayWebhooksMs: { min: 150, max: 200 } });
    const before = Date.now();
    await create();
    await eventually(() => expect(receiver.received.length).toBe(1));
    expect(Number(receiver.received[0]?.at) - before).toBeGreaterThanOrEqual(149);
  });

  it('let a later one overtake', async () => {
    sandbox.faults({ reorderWebhooks: { next: 1 } });
    await authorized(stripe);
    await eventually(() => expect(receiver.received.length).toBe(2));
    expect(receiver.types()).toEqual(['payment_intent.amount_capturable_updated', 'payment_intent.created']);
  });

  it('strike alike for the same seed', async () => {
    async function lostOf(seed: number): Promise<boolean[]> {
      const one = await startSandbox({ webhookUrl: receiver.url });
      try {
        one.faults({ seed, loseWebhooks: { probability: 0.5 } });
        const made: string[] = [];
        for (let n = 0; n < 12; n += 1) made.push((await stripeFor(one).paymentIntents.create(cardsOnly)).id);
        const lost = new Set(one.state().webhooks.lost.map(({ about }) => about));
        return made.map((id) => lost.has(id));
      } finally {
        await one.stop();
      }
    }
    const first = await lostOf(7);
    expect(new Set(first).size).toBe(2);
    expect(await lostOf(7)).toEqual(first);
    expect(await lostOf(8)).not.toEqual(first);
  });

  it('send nothing while Stripe is down, and everything afterwards', async () => {
    receiver.answer = 500;
    await create();
    await eventually(() => expect(sandbox.state().webhooks.failedTries).toBeGreaterThanOrEqual(1));
    sandbox.faults({ down: true });
    await expect(create()).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    // A delivery that was on its way has been refused by then.
    await eventually(() => expect(sandbox.state().webhooks.failedTries).toBe(receiver.refused));
    receiver.answer = 200;
    await expect(create()).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(receiver.received).toEqual([]);
    sandbox.faults({});
    await eventually(() => expect(receiver.received.length).toBe(1));
  });
});
