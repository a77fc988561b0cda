import { PaymentDisputed } from '@box-office/common/contracts/payments';
import { eventually } from '@box-office/common/testing/eventually';
import type Stripe from 'stripe';
import {
  allDelivered,
  intentsOf,
  newsOf,
  paymentOf,
  refund,
  sandbox,
  sold,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';
import { disputeAmong } from './stripe.ts';

usePayments();

describe('a dispute', () => {
  const seen = (order: Parameters<typeof paymentOf>[0], dispute: object | null) =>
    eventually(async () => expect(await paymentOf(order)).toMatchObject({ dispute }));
  const intentOf = (order: Parameters<typeof intentsOf>[0]) => intentsOf(order)[0]?.id ?? '';

  it.each(['won', 'lost'] as const)('is followed from its opening until it is %s', async (outcome) => {
    const order = await sold();
    const { id } = await sandbox.dispute(intentOf(order), 'fraudulent');
    await seen(order, { status: 'open', amount: 1500 });
    expect((await refund(order).expect(409)).body.code).toBe('refund-refused');
    await allDelivered(order);
    await sandbox.decideDispute(id, outcome);
    await seen(order, { status: outcome, amount: 1500 });
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 0, refundWanted: false });
    const told = () => newsOf(order, PaymentDisputed);
    await eventually(async () =>
      expect((await told()).map(({ dispute }) => dispute?.status)).toEqual(['open', outcome]),
    );
  });

  it('that only asks is an inquiry, and nothing is left of it when it is closed', async () => {
    const order = await sold();
    const { id } = await sandbox.dispute(intentOf(order), 'inquiry');
    await seen(order, { status: 'inquiry', amount: 1500 });
    await sandbox.decideDispute(id, 'won');
    await seen(order, null);
  });

  it('is known once Stripe has refused a refund because of it, whatever has become of its webhook', async () => {
    const order = await sold();
    await allDelivered(order);
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await sandbox.dispute(intentOf(order), 'fraudulent');
    expect((await refund(order).expect(409)).body.code).toBe('refund-refused');
    expect(await paymentOf(order)).toMatchObject({ dispute: { status: 'open', amount: 1500 } });
  });

  it('is seen in Stripe’s list of events when its webhooks are lost', async () => {
    const order = await sold();
    await allDelivered(order);
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    const { id } = await sandbox.dispute(intentOf(order), 'fraudulent');
    untilForgotten();
    await seen(order, { status: 'open', amount: 1500 });
    await sandbox.decideDispute(id, 'lost');
    untilForgotten();
    await seen(order, { status: 'lost', amount: 1500 });
  });
});

describe('of several disputes', () => {
  const dispute = (status: string, amount: number) => ({ status, amount }) as Stripe.Dispute;

  it('the one that matters most counts, and one that left nothing behind does not', () => {
    expect(disputeAmong([])).toBeNull();
    expect(disputeAmong([dispute('warning_closed', 1), dispute('prevented', 2)])).toBeNull();
    expect(disputeAmong([dispute('won', 1), dispute('lost', 2), dispute('under_review', 3)])).toEqual({
      status: 'open',
      amount: 3,
    });
    expect(disputeAmong([dispute('won', 1), dispute('warning_under_review', 2), dispute('lost', 3)])).toEqual({
      status: 'lost',
      amount: 3,
    });
  });
});
