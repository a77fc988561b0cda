import { createHmac } from 'node:crypto';
import { OrderAwaitingPayment } from '@box-office/common/contracts/orders';
import { PaymentAuthorized, PaymentCaptured, PaymentRefunded } from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { loadConfig } from './config.ts';
import {
  another,
  awaiting,
  begin,
  cancelled,
  copyOnly,
  heard,
  intentsOf,
  newsOf,
  nextSecret,
  parts,
  pay,
  payable,
  paymentOf,
  refundsOf,
  sandbox,
  service,
  signed,
  stripe,
  tellAll,
  untilForgotten,
  usePayments,
  webhookSecret,
} from './payments-under-test.ts';

usePayments();

describe('webhooks', () => {
  it('may be repeated', async () => {
    sandbox.faults({ repeatWebhooks: { probability: 1, times: 3 } });
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await tellAll(order);
    await tellAll(order);
    expect(await newsOf(order, PaymentAuthorized)).toHaveLength(1);
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
    expect(intentsOf(order)[0]).toMatchObject({ received: 1500 });
  });

  it('may be late and in any order', async () => {
    sandbox.faults({ reorderWebhooks: { probability: 0.5 }, delayWebhooksMs: { min: 0, max: 200 } });
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await tellAll(order);
    expect(await newsOf(order, PaymentAuthorized)).toHaveLength(1);
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
  });

  it('may all be lost: the payment is found by looking after it', async () => {
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    const order = await payable();
    await pay(order);
    untilForgotten();
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
  });

  it('tell of money that was given back by hand', async () => {
    const order = await payable();
    const intent = await pay(order);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    await stripe.refunds.create({ payment_intent: intent });
    await heard(order, PaymentRefunded);
  });

  const told = (orderId: string) =>
    JSON.stringify({
      id: `evt_${newId()}`,
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: { orderId } } },
    });

  it('are looked into once: a repeat is answered at once and asks nothing of Stripe', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    const event = told(order.id);
    await signed(event).expect(200);
    sandbox.faults({ down: true });
    await signed(event).expect(200, { received: true });
  });

  it('are forgotten after thirty days', async () => {
    const event = told(newId());
    await signed(event).expect(200);
    const { id } = JSON.parse(event);
    const events = parts.connection.collection<{ _id: string }>('webhook-events');
    expect(await events.findOne({ _id: id })).toEqual({ _id: id, handledAt: expect.any(Date) });
    expect(await events.indexes()).toContainEqual(
      expect.objectContaining({ key: { handledAt: 1 }, expireAfterSeconds: 2_592_000 }),
    );
  });

  it('may be signed with either of two secrets, while one takes the place of the other', async () => {
    await signed(told(newId()), webhookSecret).expect(200);
    await signed(told(newId()), nextSecret).expect(200);
    expect((await signed(told(newId()), 'whsec_other').expect(400)).body.code).toBe('bad-signature');
  });

  it('are all refused when nothing can verify signatures', async () => {
    const unable = another({ stripe: Object.create(stripe, { webhooks: { value: {} } }) });
    const { body } = await signed(told(newId()), webhookSecret, unable).expect(400);
    expect(body.code).toBe('bad-signature');
  });

  it('about nothing of ours are heard and forgotten', async () => {
    await signed(told(newId())).expect(200);
  });

  it('are hints and no more: what one claims is looked up', async () => {
    const order = await payable();
    await begin(order).expect(201);
    await signed(told(order.id)).expect(200);
    expect(await newsOf(order, PaymentCaptured)).toEqual([]);
  });

  it('are to be sent again when Stripe cannot be asked', async () => {
    const order = await payable();
    await begin(order).expect(201);
    const event = told(order.id);
    sandbox.faults({ down: true, loseWebhooks: { probability: 1 } });
    const answer = await signed(event).expect(503);
    expect(answer.body.code).toBe('stripe-unavailable');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    // The buyer pays meanwhile, and only the repeat can tell us: what failed must not count as known.
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.confirm(intentsOf(order)[0]?.id ?? '', { payment_method: 'pm_card_visa' });
    await signed(event).expect(200);
    expect(await paymentOf(order)).toMatchObject({ status: 'authorized' });
  });

  it.each([
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['a text', '"event"'],
    ['a thin event', '{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered"}'],
    ['an event without data', '{"id":"evt_1","object":"event","type":"charge.refunded"}'],
    ['an event whose data is null', '{"id":"evt_1","object":"event","type":"charge.refunded","data":null}'],
    ['an event about nothing', '{"id":"evt_1","object":"event","type":"x","data":{"object":null}}'],
    ['an event about a list', '{"id":"evt_1","object":"event","type":"x","data":{"object":[]}}'],
    ['an event about a text', '{"id":"evt_1","object":"event","type":"x","data":{"object":"ch_1"}}'],
    ['an event without an id', '{"object":"event","type":"x","data":{"object":{"object":"charge"}}}'],
    ['an event whose id is none', '{"id":{"$ne":1},"object":"event","data":{"object":{"object":"charge"}}}'],
  ])('that are %s are confirmed, and leave a line in the log', async (_, body) => {
    const from = parts.logged.length;
    await signed(body).expect(200, { received: true });
    expect(parts.logged.slice(from).join('')).toContain('ignored a webhook');
  });

  it.each([
    ['of an unknown kind', { object: 'weather', id: 'x_1' }],
    ['of a payment made by somebody else', { object: 'payment_intent', id: 'pi_other', metadata: {} }],
    ['without metadata', { object: 'payment_intent', id: 'pi_other' }],
    ['with metadata that is none', { object: 'payment_intent', id: 'pi_other', metadata: null }],
    ['with an order that is none', { object: 'payment_intent', id: 'pi_other', metadata: { orderId: '../x' } }],
    ['with an order that is an object', { object: 'payment_intent', metadata: { orderId: { $ne: 1 } } }],
    ['without a payment', { object: 'charge', id: 'ch_1', payment_intent: null }],
    ['with a payment that is none', { object: 'charge', id: 'ch_1', payment_intent: { $ne: null } }],
    ['of a payment that nobody knows', { object: 'dispute', id: 'dp_1', payment_intent: 'pi_other' }],
    ['of a payment that nobody knows, in full', { object: 'refund', id: 're_1', payment_intent: { id: 'pi_other' } }],
    ['that was deleted', { object: 'customer', id: 'cus_1', deleted: true }],
  ])('about an object %s are confirmed, and leave a line in the log', async (_, object) => {
    const from = parts.logged.length;
    const id = `evt_${newId()}`;
    await signed(JSON.stringify({ id, object: 'event', type: 'x', data: { object } })).expect(200);
    const line = parts.logged.slice(from).find((it) => it.includes(id));
    expect(line).toContain('ignored a webhook');
  });

  it('that are signed and no JSON are told so', async () => {
    for (const body of ['{"id":', 'hello']) {
      expect((await signed(body).expect(400)).body.code).toBe('invalid-json');
    }
  });

  it.each([
    ['a byte order mark', (event: string) => Buffer.from(`\ufeff${event}`)],
    [
      'bytes that are not UTF-8',
      (event: string) => Buffer.from(event.replace('payment_intent.s', '\xff\xc3'), 'latin1'),
    ],
  ])('are verified over the bytes sent, with %s too', async (_, sent) => {
    const id = `evt_${newId()}`;
    const event = JSON.stringify({ ...JSON.parse(told(newId())), id });
    await sendBytes(sent(event)).expect(200, { received: true });
    expect(await parts.connection.collection<{ _id: string }>('webhook-events').findOne({ _id: id })).not.toBeNull();
    // Decoded as text, they would be the same.
    const { body } = await sendBytes(Buffer.from(`${event}\xff`, 'latin1'), Buffer.from(`${event}\xfe`, 'latin1'));
    expect(body.code).toBe('bad-signature');
  });

  const sendBytes = (body: Buffer, signedBody = body) => {
    const time = Math.floor(Date.now() / 1_000);
    const signature = createHmac('sha256', webhookSecret).update(`${time}.`).update(signedBody).digest('hex');
    return request(service.app)
      .post('/api/payments/webhook')
      .set('stripe-signature', `t=${time},v1=${signature}`)
      .set('Content-Type', 'application/octet-stream')
      .send(body);
  };

  const signedAt = (times: string, body = told(newId())) => {
    const scheme = (time: string) =>
      `v1=${createHmac('sha256', webhookSecret).update(`${time}.${body}`).digest('hex')}`;
    const all = times.split(',').map((time) => time.replace(/^t=/, ''));
    return request(service.app)
      .post('/api/payments/webhook')
      .set('stripe-signature', [times, ...all.map(scheme), scheme('NaN'), scheme('undefined')].join(','))
      .set('Content-Type', 'application/json')
      .send(body);
  };
  const secondsFromNow = (seconds: number) => `t=${Math.floor(Date.now() / 1_000) + seconds}`;

  it('are signed now: neither long ago nor ahead of time, nor at no time at all', async () => {
    await signedAt(secondsFromNow(0)).expect(200);
    await signedAt(secondsFromNow(-200)).expect(200);
    await signedAt(secondsFromNow(200)).expect(200);
    const never = ['t=NaN', 't=', 't', 't=-1', 't=1e99', 't=Infinity', 't= 1', 't=0x10', `${secondsFromNow(0)}x`];
    const wrong = [secondsFromNow(-400), secondsFromNow(400), secondsFromNow(1e9), secondsFromNow(1e14)];
    const twice = [`${secondsFromNow(0)},${secondsFromNow(1e9)}`, `${secondsFromNow(1e9)},${secondsFromNow(0)}`];
    for (const times of [...never, ...wrong, ...twice, 'x=1']) {
      const { status, body } = await signedAt(times);
      expect({ times, status, code: body.code }).toEqual({ times, status: 400, code: 'bad-signature' });
    }
  });

  it('may carry signatures that are not ours beside the one that is', async () => {
    const payload = told(newId());
    const one = stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
    const [time, ours] = one.split(',');
    for (const header of [`${time},v1=00,${ours}`, `${time},${ours},v1=00,v0=00`, `${ours},${time}`]) {
      await request(service.app)
        .post('/api/payments/webhook')
        .set('stripe-signature', header)
        .set('Content-Type', 'application/json')
        .send(payload)
        .expect(200);
    }
  });

  it('about what Stripe refuses to do are confirmed: it would refuse the same again', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.capture(await pay(order));
    await copyOnly(cancelled(order));
    sandbox.faults({ refuseRefunds: { probability: 1 }, loseWebhooks: { probability: 1 } });
    await signed(told(order.id)).expect(200);
    expect(refundsOf(order)).toEqual([]);
  });

  it.each([
    ['no signature', undefined],
    ['a signature of somebody else', 't=1,v1=00'],
  ])('with %s are refused and change nothing', async (_, signature) => {
    const answer = await request(service.app)
      .post('/api/payments/webhook')
      .set(signature ? { 'stripe-signature': signature } : {})
      .set('Content-Type', 'application/json')
      .send('{"type":"payment_intent.succeeded"}')
      .expect(400);
    expect(answer.body.code).toBe('bad-signature');
  });
});

describe('the secret of the webhooks', () => {
  const secretsOf = (STRIPE_WEBHOOK_SECRET: string) =>
    loadConfig({
      NATS_URL: 'nats://nowhere',
      MONGO_URL: 'mongodb://nowhere',
      JWKS_URL: 'http://nowhere',
      STRIPE_SECRET_KEY: 'sk',
      STRIPE_PUBLISHABLE_KEY: 'pk',
      STRIPE_WEBHOOK_SECRET,
    }).STRIPE_WEBHOOK_SECRET;

  it('is one, or two while it is changed', () => {
    expect(secretsOf('whsec_a')).toEqual(['whsec_a']);
    expect(secretsOf('whsec_a, whsec_b')).toEqual(['whsec_a', 'whsec_b']);
    for (const wrong of ['', ',', 'whsec_a,', 'a,b,c']) expect(() => secretsOf(wrong)).toThrow('STRIPE_WEBHOOK_SECRET');
  });
});
