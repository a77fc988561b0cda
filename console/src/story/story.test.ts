import type { LogLine } from '../api/logs.ts';
import { copiesOf } from './copies.ts';
import type { Facts, StoredOrder, StoredPayment } from './facts.ts';
import { lineOf } from './orders.ts';
import { stepsOf } from './steps.ts';
import type { AtStripe } from './stripe-side.ts';
import { summaryOf } from './summary.ts';
import { waitsOf } from './waits.ts';

const id = '6b0cef8cd6fe750678f4c3af';
const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 12, 0, 0) + second * 1_000).toISOString();
const order: StoredOrder = {
  ...{ _id: id, version: 0, userId: 'u', status: 'created', reason: null, expiresAt: at(900) },
  ...{ ticketId: 't', attempt: 1, title: 'Opera', price: 1500, currency: 'eur' },
};
const payment: StoredPayment = {
  ...{ _id: id, version: 0, status: 'pending', stripeId: 'pi_1', since: at(5), captureRefused: false, amount: 1500 },
};
const paid: AtStripe = {
  intent: { id: 'pi_1', status: 'requires_capture', amount: 1500, received: 0, currency: 'eur', at: at(0) },
  refunds: [],
  webhooks: [
    { id: 'evt_1', type: 'payment_intent.amount_capturable_updated', at: at(9), about: 'pi_1', state: 'lost' },
  ],
  paidAt: at(9),
};
const facts: Facts = {
  ...{ now: new Date(at(20)), order, payment, payable: undefined, tickets: [], knownTickets: [], units: [], mails: [] },
  ...{ events: [], timerAt: undefined, letters: [], processes: [], requests: [], warnings: [], stripe: undefined },
  missing: [],
};
const told = (more: Partial<Facts>) => {
  const all = { ...facts, ...more };
  const waits = waitsOf(all);
  return { summary: summaryOf(all, waits), waits };
};
const whats = (more: Partial<Facts>) => stepsOf({ ...facts, ...more }).map(({ what }) => what);

const line = (second: number, fields: LogLine['fields'], more: Partial<LogLine> = {}): LogLine => ({
  ...{ number: second, at: at(second), service: 'orders', level: 'info', message: 'request', fields },
  ...more,
});

describe('why an order is open', () => {
  it('is unknown while Stripe does not answer, and that is said instead of what the buyer should do', () => {
    const { summary, waits } = told({ stripeUnknown: 'away' });
    expect(summary).toMatch(/^Whether the buyer has paid is unknown, because Stripe does not answer; payments asks/);
    expect(waits).toMatchObject([{ who: 'stripe', hint: { href: `/logs?level=warn&order=${id}` } }]);
    const { paidAt: _, ...known } = paid;
    expect(told({ stripe: { ...known, webhooks: [], isAway: true } }).summary).toMatch(
      /^Paid at Stripe, which does not answer now; payments asks again by itself. Held until [\d:]+\.$/,
    );
    expect(told({ stripeUnknown: 'away', payment: undefined }).waits).toMatchObject([{ who: 'buyer' }]);
    expect(told({ stripeUnknown: 'elsewhere' }).summary).toContain(
      'the buyer to pay, or Stripe to tell that they have',
    );
  });

  it('is a lost webhook, which can be sent again from there', () => {
    const { summary, waits } = told({ stripe: paid });
    expect(summary).toMatch(
      /^Paid at Stripe at [\d:]+, but its webhook was lost; payments asks Stripe by itself within/,
    );
    expect(waits).toMatchObject([{ who: 'payments', hint: { redeliver: 'evt_1' } }]);
  });

  it('is a webhook that is on its way, and what happens if it does not come', () => {
    const webhooks = paid.webhooks.map((it) => ({ ...it, state: 'waiting' as const }));
    expect(told({ stripe: { ...paid, webhooks } }).summary).toMatch(
      /^Paid at Stripe at [\d:]+, and its webhook is on its way; if it does not come, payments asks Stripe by itself/,
    );
  });

  it('is told in lists by who is next', () => {
    const waitsFor = (it: StoredPayment | undefined, ids: ReadonlySet<string> | undefined) =>
      lineOf(order, it, ids).waitsFor;
    expect(waitsFor(undefined, new Set())).toBe('the buyer');
    expect(waitsFor(payment, new Set())).toBe('the buyer');
    expect(waitsFor(payment, new Set([id]))).toBe('payments');
    expect(waitsFor(payment, undefined)).toBe('the buyer or Stripe');
    expect(waitsFor({ ...payment, status: 'authorized' }, new Set())).toBe('orders');
    expect(lineOf({ ...order, status: 'complete' }, undefined, undefined).waitsFor).toBeUndefined();
  });

  it.each([
    ['created', 'authorized', 'orders to hear that the money is authorized'],
    ['created', 'captured', 'orders to hear that the money is authorized'],
    ['created', 'refunded', 'orders to hear that the money is authorized'],
    ['created', 'failed', 'orders to hear that the payment failed'],
    ['created', 'voided', 'orders to hear that the payment failed'],
    ['awaiting:payment', 'pending', 'payments to capture the money'],
    ['awaiting:payment', 'authorized', 'payments to capture the money'],
    ['awaiting:payment', 'captured', 'orders to hear that the money was captured'],
    ['awaiting:payment', 'refunded', 'orders to hear that the money was captured'],
    ['awaiting:payment', 'failed', 'orders to hear that the payment failed'],
    ['awaiting:payment', 'voided', 'orders to hear that the payment failed'],
  ] as const)(
    'while %s with a payment that is %s is that it waits for %s, also in lists',
    (status, paymentStatus, what) => {
      const [open, its] = [
        { ...order, status },
        { ...payment, status: paymentStatus },
      ];
      const [who] = what.split(' ');
      expect(told({ order: open, payment: its }).waits).toMatchObject([{ who, for: what }]);
      expect(lineOf(open, its, new Set()).waitsFor).toBe(who);
    },
  );

  it('may be that orders gave up the news of a failed payment, which can be retried from there', () => {
    const letter: Facts['letters'][number] = {
      ...{ number: 7, at: at(8), service: 'orders', stream: 'payments', seq: 1, subject: `payments.${id}.failed` },
      ...{ type: 'payment.failed', reason: 'it broke', stack: '', deliveries: 5, retries: 0, headers: {} },
    };
    expect(told({ payment: { ...payment, status: 'failed' }, letters: [letter] }).waits).toMatchObject([
      { for: expect.stringContaining('gave up payment.failed (it broke)'), hint: { text: 'Retry dead letter 7' } },
    ]);
  });
});

describe('what is left to do for an order that has ended', () => {
  const ended = { id: 't', price: 1500, ended: 'show-cancelled' };
  const complete: StoredOrder = { ...order, status: 'complete', showId: 's', tickets: [ended] };
  const captured: StoredPayment = { ...payment, status: 'captured' };
  const part = { id: 'ticket:t', amount: 1500, made: false, ticketId: 't', owed: true, failed: false, postponed: 0 };
  const refused = { ticketId: 't', amount: 1500, final: true };
  const owing = (its: Partial<StoredPayment>, more: Partial<Facts> = {}) =>
    told({ order: complete, payment: { ...captured, ...its }, ...more });
  const words = (...given: Parameters<typeof owing>) => owing(...given).waits.map((it) => [it.who, it.for]);

  it('is the refund of a ticket that has ended, once Stripe answers', () => {
    const { summary, waits } = owing({ partRefunds: [part] }, { stripeUnknown: 'away' });
    expect(summary).toBe(
      'Paid and completed; 1 of its tickets ended (show-cancelled). Still to come: Stripe to answer payments, which is to refund €15.00.',
    );
    expect(waits).toEqual([
      {
        who: 'stripe',
        for: expect.any(String),
        since: at(5),
        hint: expect.objectContaining({ href: expect.stringContaining('level=warn') }),
      },
    ]);
  });

  it.each<[string, Partial<StoredPayment>, string, string]>([
    ['of a ticket', { partRefunds: [part] }, 'payments', 'payments to refund €15.00 to the buyer'],
    [
      'of an amount',
      { partRefunds: [{ amount: 400, made: false }] },
      'payments',
      'payments to refund €4.00 to the buyer',
    ],
    [
      'of all that is left',
      { refundWanted: true, refunded: 500 },
      'payments',
      'payments to refund €10.00 to the buyer',
    ],
    [
      'without balance',
      { partRefunds: [part], postponed: { since: at(9) } },
      'stripe',
      'enough balance at Stripe for a refund of €15.00',
    ],
  ])('is a refund %s', (_, its, who, what) => {
    expect(words(its, { order: { ...complete, tickets: [{ ...ended, ended: null }] } })).toEqual([[who, what]]);
  });

  it('is for payments to hear what the buyer is owed, which it may have given up', () => {
    expect(words({})).toEqual([['payments', 'payments to hear that the buyer is owed €15.00']]);
    const resold = { ...complete, tickets: [{ ...ended, ended: 'resold', owed: 900 }] };
    expect(words({}, { order: resold })).toEqual([['payments', 'payments to hear that the buyer is owed €9.00']]);
    const letter: Facts['letters'][number] = {
      ...{ number: 7, at: at(8), service: 'payments', stream: 'orders', seq: 1, subject: `orders.${id}.tickets-ended` },
      ...{ type: 'order.tickets-ended', reason: 'it broke', stack: '', deliveries: 5, retries: 0, headers: {} },
    };
    expect(owing({}, { letters: [letter] }).waits).toMatchObject([{ hint: { text: 'Retry dead letter 7' } }]);
  });

  it('is for people where Stripe has refused a refund or a bank has returned it', () => {
    const way = (what: string) => [
      ['people', `somebody to refund ${what} in another way: Stripe refused it, or the buyer’s bank returned it`],
    ];
    expect(words({ refusedTickets: [refused] })).toEqual(way('€15.00'));
    expect(words({ partRefunds: [{ ...part, made: true, failed: true }] })).toEqual(way('€15.00'));
    const returned = { ...complete, tickets: null, refundFailedAt: at(9) };
    expect(words({ failedRefunds: 1 }, { order: returned })).toEqual(way('the buyer'));
  });

  it('is nothing once the buyer has the money, or is owed none', () => {
    const made = { ...part, made: true };
    expect(words({ refunded: 1500, status: 'refunded', partRefunds: [part] })).toEqual([]);
    expect(words({ refunded: 900, partRefunds: [made], refusedTickets: [refused] })).toEqual([]);
    expect(words({ partRefunds: [{ ...made, failed: true }], dispute: { status: 'lost' } })).toEqual([]);
    expect(words({}, { order: { ...complete, tickets: [{ ...ended, owed: 0 }] } })).toEqual([]);
    expect(told({ order: complete }).waits).toEqual([]);
  });

  it('is a refund of everything where an order was cancelled and paid all the same', () => {
    const cancelled: StoredOrder = { ...order, status: 'cancelled', reason: 'expired' };
    expect(words({}, { order: cancelled })).toEqual([['payments', 'payments to refund €15.00 to the buyer']]);
    const returned = { ...cancelled, refundFailedAt: at(9) };
    expect(words({ failedRefunds: 1 }, { order: returned })).toEqual([
      ['people', expect.stringContaining('another way')],
    ]);
  });
});

it('a ticket of a show is its holder’s while somebody buys it from them', () => {
  const complete: StoredOrder = { ...order, status: 'complete', showId: 's', tickets: [{ id: 't', price: 1500 }] };
  const unit = {
    _id: 't',
    state: 'live',
    hold: { orderId: id, version: 3 },
    resale: { orderId: 'another', version: 0 },
  };
  const copyOf = (it: StoredOrder) =>
    copiesOf({ ...facts, order: it, units: [unit] }).find(({ collection }) => collection === 'units');
  expect(copyOf(complete)).toMatchObject({ version: 3, matches: true });
  expect(copyOf({ ...complete, _id: 'another' })).toMatchObject({ version: 0, matches: false });
  expect(copyOf({ ...complete, _id: 'another', status: 'created' })).toMatchObject({ matches: true });
});

describe('the steps of an order', () => {
  it('tell a page that asks again and again once, and every change', () => {
    const look = (second: number) => line(second, { method: 'GET', path: `/api/orders/${id}`, status: 200, ms: 3 });
    const requests = [
      line(1, { method: 'POST', path: '/api/orders', status: 201, ms: 12 }),
      ...[2, 3, 4].map(look),
      line(5, { method: 'POST', path: '/api/payments', status: 409, ms: 4 }, { service: 'payments' }),
      line(6, { method: 'POST', path: '/api/payments', status: 503, ms: 4 }, { service: 'payments' }),
    ];
    const steps = stepsOf({ ...facts, requests });
    expect(steps.map(({ what, ok }) => [what.replace(/[\d:]+$/, 'then'), ok])).toEqual([
      ['POST /api/orders was answered 201 in 12 ms', true],
      [`GET /api/orders/${id} was answered 200, 3 times until then`, true],
      ['POST /api/payments was answered 409 in 4 ms', undefined],
      ['POST /api/payments was answered 503 in 4 ms', false],
    ]);
  });

  it('tell what was warned of, with its reason', () => {
    const err = { message: 'no answer\nand a stack' };
    const warn = (second: number) =>
      line(second, { err }, { level: 'warn', message: 'could not settle a payment yet' });
    const [what, ...more] = whats({ warnings: [7, 8].map(warn) });
    expect(what).toMatch(/^could not settle a payment yet: no answer, 2 times until [\d:]+$/);
    expect(more).toEqual([]);
  });

  it('put what Stripe tells in whole seconds after the order, and say when it was paid', () => {
    const created = {
      stream: 'orders',
      seq: 1,
      at: at(0.4),
      type: 'order.created',
      version: 0,
      data: {},
      hearings: [],
    };
    const steps = stepsOf({ ...facts, stripe: paid, events: [created as unknown as Facts['events'][number]] });
    expect(steps.map(({ what }) => what)).toEqual([
      'The order was made, and its tickets are held',
      'The payment was begun',
      'The buyer’s bank let the payment through',
      'The webhook payment_intent.amount_capturable_updated was lost',
    ]);
  });
});
