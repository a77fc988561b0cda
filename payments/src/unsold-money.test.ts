import { type Order, OrderCancelled, OrderDisputed } from '@box-office/common/contracts/orders';
import { PaymentCaptured, PaymentDisputed, PaymentRefunded } from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import {
  allHeard,
  askedAbout,
  cancelled,
  copyOf,
  heard,
  intentsOf,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  refundsOf,
  sandbox,
  sold,
  stripe,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

usePayments();

const loseWebhooks = { probability: 1 };

/** An order whose money was captured by hand after its time was up, which nobody has told payments. */
async function capturedByHand() {
  const order = await payable();
  sandbox.faults({ loseWebhooks });
  await stripe.paymentIntents.capture(await pay(order));
  return order;
}

const refundRequests = (order: Order) => askedAbout(order).filter(({ path }) => path === '/v1/refunds');

describe('money captured for a cancelled order', () => {
  it('is refunded once there is enough balance at Stripe', async () => {
    const order = await capturedByHand();
    sandbox.faults({ loseWebhooks, emptyBalance: true });
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentCaptured);
    await allHeard();
    expect(await paymentOf(order)).toMatchObject({
      ...{ status: 'captured', refundWanted: true, wholePostponed: 1 },
      postponed: { times: 1 },
    });
    sandbox.faults({ loseWebhooks });
    untilForgotten();
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
    expect(await newsOf(order, PaymentCaptured)).toHaveLength(1);
  });

  it('is known as captured when Stripe refuses the refund, which is not requested again by itself', async () => {
    const order = await capturedByHand();
    sandbox.faults({ loseWebhooks, refuseRefunds: { probability: 1 } });
    const deadLetters = async () => (await parts.bus.jsm.streams.info('dead-letters')).state.messages;
    const before = await deadLetters();
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentCaptured);
    await allHeard();
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refundWanted: false });
    expect(refundRequests(order)).toHaveLength(1);
    expect(await deadLetters()).toBe(before);
  });

  it('is known as disputed, and refunded once the dispute is won', async () => {
    const order = await capturedByHand();
    const { id } = await sandbox.dispute(intentsOf(order)[0]?.id ?? '', 'fraudulent');
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentCaptured);
    await heard(order, PaymentDisputed);
    await allHeard();
    expect(refundRequests(order)).toEqual([]);
    sandbox.faults({});
    await sandbox.decideDispute(id, 'won');
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
  });

  it('is refunded although Stripe was away, and the order has changed since it was cancelled', async () => {
    const order = await sold();
    sandbox.faults({ down: true });
    await announce(parts.bus, OrderCancelled, { ...cancelled(order), version: 2 });
    await eventually(() =>
      expect(parts.logged.filter((line) => line.includes(order.id)).join('')).toContain('could not settle'),
    );
    const dispute = { status: 'won', amount: 1500 } as const;
    await announce(parts.bus, OrderDisputed, { ...cancelled(order), version: 3, dispute });
    await eventually(async () => expect(await copyOf(order.id)).toMatchObject({ version: 3 }));
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refundWanted: false });
    sandbox.faults({});
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
  });
});
