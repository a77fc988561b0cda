import type { Order } from '@box-office/common/contracts/orders';
import { OrderCancelled } from '@box-office/common/contracts/orders';
import { PaymentRefunded, PaymentRefundFailed } from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import {
  allDelivered,
  cancelled,
  heard,
  newsOf,
  parts,
  pay,
  payable,
  paymentOf,
  refund,
  refundAnswer,
  refundPart,
  refundsOf,
  sandbox,
  sold,
  stripe,
  tellAll,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

usePayments();

describe('a refund that the bank takes back', () => {
  const lastRefundOf = (order: Order) => refundsOf(order).at(-1)?.id ?? '';

  it('days later is no refund any more, and can be requested again', async () => {
    const order = await sold();
    await refund(order).expect(200, refundAnswer(order));
    await allDelivered(order);
    await sandbox.decideRefund(lastRefundOf(order), 'failed');
    await heard(order, PaymentRefundFailed);
    expect(await newsOf(order, PaymentRefundFailed)).toMatchObject([{ status: 'captured', refunded: 0 }]);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 0, refundWanted: false });
    await allDelivered(order);
    expect(refundsOf(order)).toHaveLength(1);
    await refund(order).expect(200, refundAnswer(order));
    expect(refundsOf(order).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  });

  it('of a part leaves the others', async () => {
    const order = await sold();
    await refundPart(order, 400).expect(200, refundAnswer(order, 400));
    await refundPart(order, 600).expect(200, refundAnswer(order, 1000));
    await sandbox.decideRefund(lastRefundOf(order), 'failed');
    await heard(order, PaymentRefundFailed);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 400 });
    await refundPart(order, 1100).expect(200, refundAnswer(order));
  });

  it('is seen in Stripe’s list of events when its webhooks are lost', async () => {
    const order = await sold();
    await refund(order).expect(200);
    await allDelivered(order);
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await sandbox.decideRefund(lastRefundOf(order), 'failed');
    untilForgotten();
    await heard(order, PaymentRefundFailed);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 0, failedRefunds: 1 });
  });

  it('of an order that was cancelled is not made again by us', async () => {
    const order = await payable();
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    await stripe.paymentIntents.capture(await pay(order));
    await announce(parts.bus, OrderCancelled, cancelled(order));
    await heard(order, PaymentRefunded);
    sandbox.faults({});
    await sandbox.decideRefund(refundsOf(order)[0]?.id ?? '', 'failed');
    await heard(order, PaymentRefundFailed);
    await tellAll(order);
    expect(refundsOf(order)).toHaveLength(1);
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', refunded: 0 });
  });
});
