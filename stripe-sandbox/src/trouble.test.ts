import { eventually } from '@box-office/common/testing/eventually';
import type Stripe from 'stripe';
import { type RunningSandbox, startSandbox } from './server.ts';
import { authorized, cardsOnly, type Receiver, refusalOf, startReceiver, stripeFor } from './testing.ts';

let sandbox: RunningSandbox;
let stripe: Stripe;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ webhookUrl: receiver.url });
  stripe = stripeFor(sandbox);
});

afterAll(async () => {
  await sandbox.stop();
  await receiver.stop();
});

async function paid(method = 'pm_card_visa'): Promise<string> {
  const { id } = await authorized(stripe, method);
  await stripe.paymentIntents.capture(id);
  return id;
}

const charged = async (intent: string): Promise<Stripe.Charge> => {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent, { expand: ['latest_charge'] });
  if (typeof charge !== 'object' || charge === null) throw new Error(`${intent} has no charge`);
  return charge;
};

/** The events about a payment. */
const told = async (intent: string): Promise<string[]> => {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter((event) => JSON.stringify(event).includes(intent)).map(({ type }) => type);
};

describe('a refund that the bank decides later', () => {
  it('may fail after it was reported as made, and then nothing was given back', async () => {
    const intent = await paid('pm_card_refundFail');
    const refund = await stripe.refunds.create({ payment_intent: intent });
    expect(refund.status).toBe('succeeded');
    expect(await charged(intent)).toMatchObject({ refunded: true, amount_refunded: 1500 });
    await sandbox.advance(60_000);
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed', failure_reason: 'unknown' });
    expect(await charged(intent)).toMatchObject({ refunded: false, amount_refunded: 0 });
    expect(await told(intent)).toEqual(
      expect.arrayContaining(['refund.failed', 'refund.updated', 'charge.refund.updated']),
    );
    await eventually(() => expect(receiver.types()).toContain('refund.failed'));
  });

  it('may be pending until it goes through', async () => {
    const intent = await paid('pm_card_pendingRefund');
    const refund = await stripe.refunds.create({ payment_intent: intent, amount: 500 });
    expect(refund.status).toBe('pending');
    await sandbox.advance(60_000);
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
    expect(await charged(intent)).toMatchObject({ refunded: false, amount_refunded: 500 });
    expect(await told(intent)).toContain('refund.updated');
  });

  it('of any card can be failed by hand, once', async () => {
    const intent = await paid();
    const refund = await stripe.refunds.create({ payment_intent: intent, amount: 400 });
    expect(await sandbox.decideRefund(refund.id, 'failed')).toMatchObject({ status: 'failed' });
    expect(await charged(intent)).toMatchObject({ amount_refunded: 0 });
    await expect(sandbox.decideRefund(refund.id, 'failed')).rejects.toThrow('There is no such');
    expect((await stripe.refunds.create({ payment_intent: intent })).amount).toBe(1500);
  });
});

describe('a dispute', () => {
  it('is opened by a card of its own as soon as the money is taken', async () => {
    const { id: intent } = await authorized(stripe, 'pm_card_createDispute');
    expect((await stripe.disputes.list({ payment_intent: intent })).data).toEqual([]);
    await stripe.paymentIntents.capture(intent);
    const { data } = await stripe.disputes.list({ payment_intent: intent });
    expect(data).toMatchObject([
      { object: 'dispute', amount: 1500, currency: 'eur', reason: 'fraudulent', status: 'needs_response' },
    ]);
    expect(await stripe.disputes.retrieve(data[0]?.id ?? '')).toEqual(data[0]);
    expect(await charged(intent)).toMatchObject({ disputed: true, refunded: false });
    expect(await told(intent)).toEqual(
      expect.arrayContaining(['charge.dispute.created', 'charge.dispute.funds_withdrawn']),
    );
    expect(await refusalOf(stripe.refunds.create({ payment_intent: intent }))).toMatchObject({
      code: 'charge_disputed',
    });
  });

  it('that is accepted is lost', async () => {
    const intent = await paid('pm_card_createDisputeProductNotReceived');
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent })).data;
    expect(await stripe.disputes.close(dispute?.id ?? '')).toMatchObject({ status: 'lost' });
    expect(await refusalOf(stripe.disputes.close(dispute?.id ?? ''))).toMatchObject({ statusCode: 400 });
    expect(await told(intent)).toContain('charge.dispute.closed');
  });

  it('can be opened over any payment by hand, and won', async () => {
    const intent = await paid();
    const opened = await sandbox.dispute(intent, 'product_unacceptable');
    expect(opened).toMatchObject({ reason: 'product_unacceptable', status: 'needs_response' });
    expect(await sandbox.decideDispute(opened.id, 'won')).toMatchObject({ status: 'won' });
    expect(await told(intent)).toContain('charge.dispute.funds_reinstated');
    expect(await stripe.refunds.create({ payment_intent: intent })).toMatchObject({ status: 'succeeded' });
    await expect(sandbox.dispute('pi_none', 'fraudulent')).rejects.toThrow('Nothing was taken');
  });

  it('that only asks takes no money, and may be answered by a refund', async () => {
    const intent = await paid('pm_card_createDisputeInquiry');
    const [inquiry] = (await stripe.disputes.list({ payment_intent: intent })).data;
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true });
    expect(await told(intent)).not.toContain('charge.dispute.funds_withdrawn');
    expect(await stripe.refunds.create({ payment_intent: intent })).toMatchObject({ status: 'succeeded' });
    expect(await sandbox.decideDispute(inquiry?.id ?? '', 'lost')).toMatchObject({ status: 'warning_closed' });
  });
});

describe('over HTTP', () => {
  const call = async (path: string, sent: unknown) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sk_test_sandbox' };
    const answer = await fetch(`${sandbox.url}${path}`, { method: 'POST', headers, body: JSON.stringify(sent) });
    const body: Readonly<Record<string, unknown>> = Object(await answer.json());
    return { status: answer.status, body };
  };

  it('the same can be done by hand', async () => {
    const intent = await paid();
    const opened = await call('/sandbox/disputes', { payment_intent: intent });
    expect(opened).toMatchObject({ status: 201, body: { reason: 'fraudulent' } });
    expect(await call(`/sandbox/disputes/${opened.body.id}`, { outcome: 'won' })).toMatchObject({ status: 200 });
    const { id } = await stripe.refunds.create({ payment_intent: intent, amount: 100 });
    expect(await call(`/sandbox/refunds/${id}`, { outcome: 'failed' })).toMatchObject({ body: { status: 'failed' } });
    expect((await call('/sandbox/refunds/re_none', { outcome: 'failed' })).status).toBe(404);
    expect((await call('/sandbox/disputes', { payment_intent: 'pi_none' })).status).toBe(404);
    expect((await call('/sandbox/disputes/du_none', { outcome: 'won' })).status).toBe(404);
    expect(sandbox.state().disputes.length).toBeGreaterThan(0);
  });

  it.each([
    ['eur', '€15.00'],
    ['jpy', '¥1,500'],
    ['chf', 'CHF\u00a015.00'],
    ['krw', '₩1,500'],
  ])('the page of the bank shows an amount in %s as %s', async (currency, shown) => {
    const { id, client_secret: secret } = await stripe.paymentIntents.create({ ...cardsOnly, currency });
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_authenticationRequired' });
    const page = await (await fetch(`${sandbox.url}/sandbox/authenticate/${id}?client_secret=${secret}`)).text();
    expect(page).toContain(`A payment of ${shown} waits for you`);
  });
});

/** docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const limits = [
  ['eur', 50, 99_999_999],
  ['usd', 50, 99_999_999],
  ['gbp', 30, 99_999_999],
  ['chf', 50, 99_999_999],
  ['sek', 300, 99_999_999],
  ['nok', 300, 99_999_999],
  ['dkk', 250, 99_999_999],
  ['pln', 200, 99_999_999],
  ['czk', 1500, 99_999_999],
  ['jpy', 50, 999_999_999],
  ['krw', 50, 99_999_999],
  ['thb', 1000, 99_999_999],
  ['huf', 17_500, 999_999_999],
  ['idr', 50, 999_999_999],
  ['cad', 50, 99_999_999],
  ['aud', 50, 99_999_999],
] as const;

describe('the smallest and the largest amount', () => {
  it.each(limits)('of %s are Stripe’s', async (currency, least, most) => {
    const ask = (amount: number) => stripe.paymentIntents.create({ amount, currency });
    expect(await refusalOf(ask(least - 1))).toMatchObject({ code: 'amount_too_small', param: 'amount' });
    expect(await ask(least)).toMatchObject({ amount: least, currency });
    expect(await ask(most)).toMatchObject({ currency });
    expect(await refusalOf(ask(most + 1))).toMatchObject({ code: 'amount_too_large', param: 'amount' });
    expect(await refusalOf(stripe.paymentIntents.update((await ask(least)).id, { amount: least - 1 }))).toMatchObject({
      code: 'amount_too_small',
    });
  });

  it.each(['isk', 'ugx'])('of %s are whole, although they are counted in hundredths', async (currency) => {
    expect(await stripe.paymentIntents.create({ amount: 500_000, currency })).toMatchObject({ amount: 500_000 });
    expect(await refusalOf(stripe.paymentIntents.create({ amount: 500_050, currency }))).toMatchObject({
      code: 'invalid_charge_amount_no_decimal_compatible',
      param: 'amount',
    });
  });
});
