import { sandboxSource } from '@box-office/console/sources/sandbox';
import { atStripe } from '@box-office/console/story/stripe-side';
import { type RunningSandbox, startSandbox } from '@box-office/stripe-sandbox/server';
import { cardsOnly, stripeFor } from '@box-office/stripe-sandbox/testing';

/** A page of events holds 100, and each payment has two or more. */
const laterPayments = 60;

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

async function pay(orderId: string): Promise<void> {
  const stripe = stripeFor(sandbox);
  const { id } = await stripe.paymentIntents.create({ ...cardsOnly, metadata: { orderId } });
  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
}

const look = (orderId: string, mostPages?: number) =>
  atStripe(sandboxSource(sandbox.url, 'sk_test_sandbox'), orderId, mostPages);

describe('the webhooks of an order in its story', () => {
  it('are found below those of everybody who has bought since', async () => {
    await pay('first');
    for (let number = 0; number < laterPayments; number++) await pay(`later-${number}`);
    expect(sandbox.state().webhooks.events).toBeGreaterThan(100);
    const told = await look('first');
    expect(told?.webhooks.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'payment_intent.amount_capturable_updated',
    ]);
    expect(told?.paidAt).toBeDefined();
    expect(told).not.toHaveProperty('isCut');
  });

  it('are those that were lost, if there are too many newer events, and it is said that others may be left out', async () => {
    sandbox.receivers(['http://127.0.0.1:9/']);
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await pay('lost');
    sandbox.receivers([]);
    for (let number = 0; number < laterPayments; number++) await pay(`last-${number}`);
    const told = await look('lost', 1);
    expect(told?.webhooks).toMatchObject([
      { type: 'payment_intent.created', state: 'lost' },
      { type: 'payment_intent.amount_capturable_updated', state: 'lost' },
    ]);
    expect(told).toMatchObject({ isCut: true, paidAt: expect.any(String) });
    expect(await look('first', 1)).toMatchObject({ isCut: true, webhooks: [] });
  });
});
