import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inTrace } from '@box-office/common/telemetry/span';
import { startTelemetry } from '@box-office/common/telemetry/start';
import { eventually } from '@box-office/common/testing/eventually';
import { receiveSpans } from '@box-office/common/testing/spans';
import { startSandbox } from './server.ts';
import { cardsOnly, fromBrowser, startReceiver, stripeFor } from './testing.ts';

const orderId = '66f0a1b2c3d4e5f60718293a';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

it('spans name the order of the payment, where the payment names one, and a look in no trace has none', async () => {
  const spans = await receiveSpans();
  const telemetry = await startTelemetry('stripe', { OTEL_EXPORTER_OTLP_ENDPOINT: spans.url });
  const receiver = await startReceiver();
  const sandbox = await startSandbox({ webhookUrl: receiver.url });
  const stripe = stripeFor(sandbox);
  try {
    const of = { ...cardsOnly, metadata: { orderId } };
    const created = await stripe.paymentIntents.create(of, { idempotencyKey: 'once' });
    await stripe.paymentIntents.create(of, { idempotencyKey: 'once' });
    const path = `/v1/payment_intents/${created.id}/confirm`;
    const secret = { client_secret: `${created.client_secret}` };
    expect((await fromBrowser(sandbox, path, { ...secret, payment_method: 'pm_card_visa' })).status).toBe(200);
    await inTrace('settle an order', traceparent, () => stripe.paymentIntents.retrieve(created.id));
    await stripe.paymentIntents.retrieve(created.id);
    await stripe.events.list();
    await stripe.paymentIntents.capture(created.id);
    const refund = await stripe.refunds.create({ payment_intent: created.id, amount: 100 });
    await inTrace('settle an order', traceparent, () => stripe.refunds.retrieve(refund.id));
    await stripe.paymentIntents.create(cardsOnly);
    await stripe.paymentIntents.create({ ...cardsOnly, metadata: { orderId: 'anna@example.com' } });
    await eventually(() => expect(receiver.received.length).toBe(8));
  } finally {
    await sandbox.stop();
    await telemetry?.stop();
    await Promise.all([receiver.stop(), spans.stop()]);
  }
  const seen = spans.spans.filter(({ kind, name }) => kind !== 'client' && name !== 'settle an order');
  const named = (order: string | undefined) =>
    seen.filter((it) => it.attributes['box_office.order.id'] === order).map(({ name }) => name);
  expect(named(orderId).toSorted()).toEqual([
    'GET /v1/payment_intents/:id',
    'GET /v1/refunds/:id',
    'POST /v1/payment_intents',
    'POST /v1/payment_intents',
    'POST /v1/payment_intents/:id/capture',
    'POST /v1/payment_intents/:id/confirm',
    'POST /v1/refunds',
    'send charge.captured',
    'send charge.refunded',
    'send payment_intent.amount_capturable_updated',
    'send payment_intent.created',
    'send payment_intent.succeeded',
    'send refund.created',
  ]);
  const others = ['POST /v1/payment_intents', 'send payment_intent.created'];
  expect(named(undefined).toSorted()).toEqual(others.flatMap((it) => [it, it]));
});

it('a webhook that the end of the sandbox cuts off has a span all the same', async () => {
  const spans = await receiveSpans();
  const telemetry = await startTelemetry('stripe', { OTEL_EXPORTER_OTLP_ENDPOINT: spans.url });
  // It never answers.
  const receiver = createServer().listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sandbox = await startSandbox({ webhookUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` });
  try {
    const asked = once(receiver, 'request');
    await stripeFor(sandbox).paymentIntents.create(cardsOnly);
    await asked;
  } finally {
    await sandbox.stop();
    await telemetry?.stop();
    receiver.closeAllConnections();
    await Promise.all([receiver.close(), spans.stop()]);
  }
  expect(spans.spans.map(({ name }) => name)).toContain('send payment_intent.created');
});
