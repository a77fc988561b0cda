import { createHmac } from 'node:crypto';
import { newSeed } from '@box-office/common/messaging/nkey';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { loadConfig } from './config.ts';
import {
  another,
  nextSecret,
  parts,
  service,
  signed,
  stripe,
  told,
  usePayments,
  webhookSecret,
} from './payments-under-test.ts';

usePayments();

describe('webhooks', () => {
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

  it.each([
    ['a byte order mark', (event: string) => Buffer.from(`\ufeff${event}`)],
    ['bytes that are not UTF-8', (event: string) => Buffer.from(event.replace('"succeeded"', '"\xff\xc3"'), 'latin1')],
  ])('are verified over the bytes sent, with %s too', async (_, sent) => {
    const id = `evt_${newId()}`;
    const event = JSON.stringify({ ...JSON.parse(told(newId(), 'refund.failed')), id });
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
      NATS_SEED: newSeed(),
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
