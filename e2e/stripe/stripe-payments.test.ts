import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { localDir } from '@box-office/local/engines';
import { connectStripe, createStripePayments, type StripePayments } from '@box-office/payments/stripe';
import { findStripeMock, type StripeMock, startStripeMock } from './stripe-mock.ts';

const found = await findStripeMock(localDir);
const checked = 'path' in found ? describe : describe.skip;

checked(`what we ask of Stripe${'why' in found ? ` is not checked: ${found.why}` : ''}`, () => {
  const order = { id: 'a'.repeat(24), amount: 1500, currency: 'eur' } as const;
  let mock: StripeMock;
  let between: Server;
  let atStripe: StripePayments;
  let asked: string[] = [];
  /** Whether intents are shown with a captured charge; those of stripe-mock have none. */
  let isCaptured = false;
  const captured = (body: string) => {
    const shown = JSON.parse(body);
    const charge = { object: 'charge', captured: true, amount_refunded: 0, disputed: false };
    return JSON.stringify(shown.object === 'payment_intent' ? { ...shown, latest_charge: charge } : shown);
  };

  beforeAll(async () => {
    mock = await startStripeMock('path' in found ? found.path : '');
    // stripe-mock does not report its requests, and `StripePayments` tolerates some refusals: a proxy in between
    // records both.
    between = createServer((req, res) => {
      const passed = forward(
        new URL(req.url ?? '', mock.url),
        { method: req.method, headers: req.headers },
        (answer) => {
          asked.push(`${req.method} ${req.url} ${answer.statusCode}`);
          void text(answer).then((body) => {
            const { 'content-length': _, ...headers } = answer.headers;
            res.writeHead(answer.statusCode ?? 502, headers).end(isCaptured ? captured(body) : body);
          });
        },
      );
      passed.on('error', () => res.destroy());
      req.pipe(passed);
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const { port } = between.address() as AddressInfo;
    atStripe = createStripePayments(connectStripe('sk_test_123', `http://127.0.0.1:${port}`));
  });

  beforeEach(() => {
    asked = [];
    isCaptured = false;
  });

  afterAll(async () => {
    between?.closeAllConnections();
    between?.close();
    await mock?.stop();
  });

  const asks: [string, () => Promise<unknown>, string[]][] = [
    ['makes an intent that takes no money yet', () => atStripe.create(order), ['POST /v1/payment_intents 200']],
    [
      'looks at an intent',
      () => atStripe.retrieve('pi_1'),
      ['GET /v1/payment_intents/pi_1?expand[0]=latest_charge 200'],
    ],
    [
      'looks at an intent and at its refunds',
      () => {
        isCaptured = true;
        return atStripe.retrieve('pi_1', true);
      },
      ['GET /v1/payment_intents/pi_1?expand[0]=latest_charge 200', 'GET /v1/refunds?payment_intent=pi_1&limit=100 200'],
    ],
    ['takes the money', () => atStripe.capture(order.id, 'pi_1'), ['POST /v1/payment_intents/pi_1/capture 200']],
    ['lets the reservation go', () => atStripe.void(order.id, 'pi_1'), ['POST /v1/payment_intents/pi_1/cancel 200']],
    [
      'gives the money back',
      () => atStripe.refund(order.id, 'pi_1', { failedBefore: 0, postponed: 0 }),
      ['POST /v1/refunds 200'],
    ],
    [
      'gives a part of it back',
      () => atStripe.refundPart(order.id, 'pi_1', { id: 'one', amount: 500, postponed: 0 }),
      ['POST /v1/refunds 200'],
    ],
  ];

  it.each(asks)('is as Stripe describes it: %s', async (_, ask, expected) => {
    await ask();
    expect(asked.map(decodeURIComponent)).toEqual(expected);
  });

  it('is all of what it may be asked', () => {
    const called = asks.map(([, ask]) => /atStripe\.(\w+)/.exec(String(ask))?.[1]);
    expect([...new Set(called)].sort()).toEqual(Object.keys(atStripe).sort());
  });

  it('would be refused otherwise', async () => {
    await expect(atStripe.create({ ...order, amount: Number.NaN })).rejects.toThrow('amount');
    expect(asked).toEqual(['POST /v1/payment_intents 400']);
  });
});
