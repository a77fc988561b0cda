import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
          res.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(res);
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
    ['takes the money', () => atStripe.capture(order.id, 'pi_1'), ['POST /v1/payment_intents/pi_1/capture 200']],
    ['lets the reservation go', () => atStripe.void(order.id, 'pi_1'), ['POST /v1/payment_intents/pi_1/cancel 200']],
    ['gives the money back', () => atStripe.refund(order.id, 'pi_1', 0), ['POST /v1/refunds 200']],
    [
      'gives a part of it back',
      () => atStripe.refundPart(order.id, 'pi_1', { id: 'one', amount: 500 }),
      ['POST /v1/refunds 200'],
    ],
  ];

  it.each(asks)('is as Stripe describes it: %s', async (_, ask, expected) => {
    await ask();
    expect(asked.map(decodeURIComponent)).toEqual(expected);
  });

  it('is all of what it may be asked', () => {
    expect(Object.keys(atStripe)).toHaveLength(asks.length);
  });

  it('would be refused otherwise', async () => {
    await expect(atStripe.create({ ...order, amount: Number.NaN })).rejects.toThrow('amount');
    expect(asked).toEqual(['POST /v1/payment_intents 400']);
  });
});
