import { sandboxSource } from '@box-office/console/sources/sandbox';
import { type RunningSandbox, startSandbox } from '@box-office/stripe-sandbox/server';
import { cardsOnly, stripeFor } from '@box-office/stripe-sandbox/testing';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

it('the console shows what was refunded of a payment in the sandbox, and what was disputed', async () => {
  const stripe = stripeFor(sandbox);
  const intents: string[] = [];
  for (const taken of [1500, 400]) {
    const { id } = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { orderId: `order-${taken}` } });
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    await stripe.paymentIntents.capture(id, { amount_to_capture: taken });
    intents.push(id);
  }
  const [whole = '', part = ''] = intents;
  const refund = await stripe.refunds.create({ payment_intent: whole, amount: 300 });
  const dispute = await sandbox.dispute(whole, 'product_not_received');

  const { payments } = await sandboxSource(sandbox.url, 'sk_test_sandbox').show();
  const at = expect.stringMatching(/^\d{4}-/);
  expect(payments).toMatchObject([
    // The rest of what was reserved was let go, which is no refund.
    { id: part, orderId: 'order-400', received: 400, refunds: [], disputes: [] },
    {
      id: whole,
      refunded: 300,
      refunds: [{ id: refund.id, amount: 300, status: 'succeeded', at }],
      disputes: [{ id: dispute.id, amount: 1500, status: 'needs_response', reason: 'product_not_received', at }],
    },
  ]);
});
