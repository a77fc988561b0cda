import { OrderAwaitingPayment } from '@box-office/common/contracts/orders';
import { PaymentAuthorized, PaymentCaptured, PaymentRefunded } from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import { newId } from '@box-office/common/testing/parts';
import {
  awaiting,
  begin,
  cancelled,
  copyOnly,
  eventsAbout,
  heard,
  intentsOf,
  keysOfCaptures,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  refundsOf,
  sandbox,
  signed,
  stripe,
  tellAll,
  told,
  untilForgotten,
  usePayments,
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

  const events = () => parts.connection.collection<{ _id: string }>('webhook-events');

  it('about a payment under way are not recorded, and a repeat costs no write', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    await announce(parts.bus, OrderAwaitingPayment, awaiting(order));
    await heard(order, PaymentCaptured);
    const before = await paymentOf(order);
    for (const event of await eventsAbout(order)) {
      await signed(JSON.stringify(event)).expect(200, { received: true });
      expect(await events().findOne({ _id: event.id })).toBeNull();
    }
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', version: before?.version });
    expect(keysOfCaptures(order)).toHaveLength(1);
  });

  it('about what follows a capture are looked into once: a repeat asks nothing of Stripe', async () => {
    const order = await payable();
    await pay(order);
    await heard(order, PaymentAuthorized);
    const event = told(order.id, 'charge.refund.updated');
    await signed(event).expect(200);
    sandbox.faults({ down: true });
    await signed(event).expect(200, { received: true });
  });

  it.each(['payment_intent.created', 'payment_intent.requires_action', 'charge.succeeded', 'charge.captured'])(
    'of type %s say nothing new, so Stripe is not asked',
    async (type) => {
      const order = await payable();
      await begin(order).expect(201);
      sandbox.faults({ down: true });
      await signed(told(order.id, type)).expect(200, { received: true });
      await signed(told(order.id, 'payment_intent.payment_failed')).expect(503);
    },
  );

  it('are forgotten after thirty days', async () => {
    const event = told(newId(), 'refund.failed');
    await signed(event).expect(200);
    const { id } = JSON.parse(event);
    expect(await events().findOne({ _id: id })).toEqual({ _id: id, handledAt: expect.any(Date) });
    expect(await events().indexes()).toContainEqual(
      expect.objectContaining({ key: { handledAt: 1 }, expireAfterSeconds: 2_592_000 }),
    );
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

  it('about what Stripe refuses to do are confirmed: it would refuse the same again', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.capture(await pay(order));
    await copyOnly(cancelled(order));
    sandbox.faults({ refuseRefunds: { probability: 1 }, loseWebhooks: { probability: 1 } });
    await signed(told(order.id)).expect(200);
    expect(refundsOf(order)).toEqual([]);
  });
});
