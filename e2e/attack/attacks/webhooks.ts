import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Order } from '@box-office/common/contracts/orders';
import { PaymentIntentAnswer } from '@box-office/common/contracts/payments';
import type { Attack } from '../attack.ts';
import type { Target } from '../target.ts';

const path = '/api/payments/webhook';

interface Sent {
  readonly what: string;
  readonly body: string;
  readonly signature: string | undefined;
  /** What it must be answered; by default 400. */
  readonly expected?: readonly number[];
}

/** What claims to come from Stripe, and does not, or comes from Stripe and is not true. */
export const webhooks: Attack = {
  name: 'webhooks',
  promise: 'a webhook that is forged, late or about nothing of ours changes nothing',
  async run(target) {
    const { shop } = target;
    // An order of its own: in a long run the first one has expired by now.
    const ticket = await shop.sell(target.deal.seller, { title: 'The forged opera' });
    await shop.known(ticket);
    const made = await target.deal.buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    if (made.status !== 201) throw new Error(`ordering was answered ${made.status}`);
    const deal = { ...target.deal, orderId: made.body.id };
    const faults: string[] = [];
    const begun = await deal.buyer.call('POST', '/api/payments', { orderId: deal.orderId });
    if (begun.status !== 200 && begun.status !== 201) faults.push(`beginning to pay was answered ${begun.status}`);
    const [intentId = ''] = PaymentIntentAnswer.parse(begun.body).clientSecret.split('_secret');
    const all = sentTo({ ...target, deal }, intentId);
    for (const { what, body, signature, expected = [400] } of all) {
      for (const where of [shop.origin, `http://127.0.0.1:${target.servicePorts.payments}`]) {
        const { status } = await fetch(`${where}${path}`, {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            ...(signature === undefined ? {} : { 'Stripe-Signature': signature }),
          },
          body,
        });
        if (!expected.includes(status)) faults.push(`${what} was answered ${status} by ${where}`);
      }
    }
    // Long enough for an order to be completed by what was believed: that takes some 100 ms.
    await sleep(1_500);
    const { body: order } = await deal.buyer.call('GET', `/api/orders/${deal.orderId}`);
    if (order.status === 'complete') faults.push('the order is complete, and nothing was paid');
    const payment = await shop.stored('payments', 'payments', { _id: deal.orderId });
    const states = payment.map(({ status, refunded, dispute }) => ({ status, refunded, dispute }));
    if (!isDeepStrictEqual(states, [{ status: 'pending', refunded: 0, dispute: null }]))
      faults.push(`the payment is ${JSON.stringify(states)}, as Stripe never said`);
    return { tried: all.length * 2, faults };
  },
};

function sentTo({ secrets, deal }: Target, intentId: string): Sent[] {
  const secret = secrets.stripeWebhookSecret;
  const now = Math.floor(Date.now() / 1000);
  const event = (more: object = {}) =>
    JSON.stringify({
      id: `evt_${Math.random().toString(36).slice(2)}`,
      object: 'event',
      api_version: '2026-01-01',
      created: now,
      livemode: false,
      type: 'payment_intent.succeeded',
      data: {
        object: {
          id: 'pi_forged',
          object: 'payment_intent',
          status: 'succeeded',
          amount: 1500,
          amount_received: 1500,
          currency: 'eur',
          metadata: { orderId: deal.orderId },
        },
      },
      ...more,
    });
  const mac = (body: string, at: number | string, key = secret) =>
    createHmac('sha256', key).update(`${at}.${body}`).digest('hex');
  const signed = (body: string, at: number = now, key = secret) => `t=${at},v1=${mac(body, at, key)}`;
  const forged = (what: string, signature: (body: string) => string | undefined): Sent => {
    const body = event();
    return { what, body, signature: signature(body) };
  };
  const untrue = (what: string, more: object): Sent => {
    const body = event(more);
    // Signed with the right secret: whatever the answer, it must not be believed, and must not be a crash.
    return { what, body, signature: signed(body), expected: [200, 204, 400] };
  };
  /** About what Stripe knows, and says otherwise of. */
  const real = { id: intentId, object: 'payment_intent', amount: 1500, amount_received: 1500, currency: 'eur' };
  const ours = { ...real, metadata: { orderId: deal.orderId } };
  const parent = { payment_intent: intentId, amount: 1500, currency: 'eur', metadata: { orderId: deal.orderId } };
  const thin = JSON.stringify({
    id: 'evt_thin',
    object: 'v2.core.event',
    type: 'v2.payment.succeeded',
    created: new Date().toISOString(),
  });
  const original = event();
  return [
    forged('no signature', () => undefined),
    forged('an empty signature', () => ''),
    forged('a signature with another secret', (body) => signed(body, now, 'whsec_other')),
    forged('a signature with an empty secret', (body) => signed(body, now, '')),
    forged('a signature of another body', () => signed(event())),
    forged('a signature from an hour ago', (body) => signed(body, now - 3600)),
    forged('a signature from 1970', (body) => signed(body, 0)),
    forged('only a signature of the test scheme', (body) => `t=${now},v0=${mac(body, now)}`),
    forged('a signature without a time', (body) => `v1=${mac(body, now)}`),
    forged('a time that is no number', (body) => `t=now,v1=${mac(body, 'now')}`),
    forged('a time given twice', (body) => `t=${now - 3600},t=${now},v1=${mac(body, now - 3600)}`),
    forged('half a signature', (body) => signed(body).slice(0, -32)),
    forged('a signature in capitals', (body) => signed(body).toUpperCase()),
    forged('a thousand wrong signatures', (body) => `t=${now},${`v1=${mac(body, now, 'x')},`.repeat(100)}`),
    { what: 'a changed body under its signature', body: original.replace('1500', '1'), signature: signed(original) },
    untrue('a payment that Stripe does not know', {}),
    untrue('a payment of another account', { account: 'acct_other', context: 'acct_other' }),
    untrue('a payment of the live mode', { livemode: true }),
    untrue('the success of a real payment', { data: { object: { ...ours, status: 'succeeded' } } }),
    untrue('the success of a real payment, told by its id alone', {
      data: { object: { ...real, status: 'succeeded' } },
    }),
    untrue('the authorization of a real payment', {
      type: 'payment_intent.amount_capturable_updated',
      data: { object: { ...ours, status: 'requires_capture', amount_capturable: 1500 } },
    }),
    untrue('a charge of a real payment', {
      type: 'charge.succeeded',
      data: { object: { ...parent, id: 'ch_forged', object: 'charge', status: 'succeeded', captured: true } },
    }),
    untrue('a refund that nobody made', { type: 'charge.refunded' }),
    untrue('a refund of a real payment', {
      type: 'refund.created',
      data: { object: { ...parent, id: 're_forged', object: 'refund', status: 'succeeded' } },
    }),
    untrue('a lost dispute of a real payment', {
      type: 'charge.dispute.closed',
      data: { object: { ...parent, id: 'dp_forged', object: 'dispute', status: 'lost' } },
    }),
    untrue('the end of a real payment', {
      type: 'payment_intent.canceled',
      data: { object: { ...ours, status: 'canceled' } },
    }),
    untrue('a dispute of nothing', {
      type: 'charge.dispute.created',
      data: { object: { id: 'dp_x', object: 'dispute' } },
    }),
    untrue('an event of an unknown type', { type: 'made.up' }),
    untrue('an event about nothing', { data: {} }),
    untrue('an event about null', { data: { object: null } }),
    untrue('an operator for a payment', { data: { object: { id: { $ne: null }, object: 'payment_intent' } } }),
    { what: 'a thin event', body: thin, signature: signed(thin), expected: [200, 204, 400] },
    ...['null', '[]', '""', '{}', '{"id":', '\u0000'].map((body) => ({
      what: `${JSON.stringify(body)} for an event`,
      body,
      signature: signed(body),
      expected: [200, 204, 400],
    })),
    // The same one twice.
    { what: 'an event', body: original, signature: signed(original), expected: [200, 204] },
    { what: 'the same event again', body: original, signature: signed(original), expected: [200, 204] },
  ];
}
