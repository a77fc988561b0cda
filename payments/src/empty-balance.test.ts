import { OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { PaymentRefunded, PaymentRefundPostponed } from '@box-office/common/contracts/payments';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import {
  allHeard,
  heard,
  newsOf,
  parts,
  paymentOf,
  refund,
  refundAnswer,
  refundPart,
  refundsOf,
  sandbox,
  sold,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

usePayments();

const waits = (times: number) => expect.objectContaining({ times });

describe('while there is not enough balance at Stripe', () => {
  it('a refund is recorded and its seller told so, and it is made by itself later, once', async () => {
    const order = await sold();
    sandbox.faults({ emptyBalance: true });
    expect((await refund(order).expect(409)).body.code).toBe('refund-postponed');
    expect((await refund(order).expect(409)).body.code).toBe('refund-postponed');
    await heard(order, PaymentRefundPostponed);
    const [news] = await newsOf(order, PaymentRefundPostponed);
    expect(news).toMatchObject({ status: 'captured', refunded: 0, awaitsBalanceSince: expect.any(String) });
    expect(await paymentOf(order)).toMatchObject({ refundWanted: true, postponed: waits(1) });

    untilForgotten();
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ postponed: waits(2) }));
    sandbox.faults({});
    untilForgotten();
    untilForgotten();
    await heard(order, PaymentRefunded);
    expect(refundsOf(order)).toMatchObject([{ amount: 1500 }]);
    expect(await newsOf(order, PaymentRefundPostponed)).toHaveLength(1);
    expect((await newsOf(order, PaymentRefunded))[0]).not.toHaveProperty('awaitsBalanceSince');
    await refund(order).expect(200, refundAnswer(order));
  });

  it('Stripe is not asked again before the pause is over, whatever else happens', async () => {
    const order = await sold();
    sandbox.faults({ emptyBalance: true });
    expect((await refundPart(order, 500).expect(409)).body.code).toBe('refund-postponed');
    sandbox.faults({});
    expect((await refundPart(order, 300).expect(409)).body.code).toBe('refund-postponed');
    expect(refundsOf(order)).toEqual([]);
    untilForgotten();
    await eventually(() =>
      expect(
        refundsOf(order)
          .map(({ amount }) => amount)
          .sort(),
      ).toEqual([300, 500]),
    );
  });

  it('what buyers are owed waits too, and counts as neither refused nor failed', async () => {
    const tickets = [1000, 500].map((price) => ({ id: newId(), attempt: 1, price }));
    const order = await sold({ tickets, total: 1500, currency: 'eur' });
    sandbox.faults({ emptyBalance: true });
    const ended = tickets.map((it) => ({ ...it, ended: 'show-cancelled' as const }));
    await announce(parts.bus, OrderTicketsEnded, { ...order, status: 'complete', version: 3, tickets: ended });
    await heard(order, PaymentRefundPostponed);
    await allHeard();
    expect(await paymentOf(order)).toMatchObject({
      ...{ refusedTickets: [], failedRefunds: 0, postponed: waits(1) },
      partRefunds: [
        { made: false, postponed: 1 },
        { made: false, postponed: 1 },
      ],
    });
    sandbox.faults({});
    untilForgotten();
    await heard(order, PaymentRefunded);
    expect(
      refundsOf(order)
        .map(({ amount }) => amount)
        .sort(),
    ).toEqual([1000, 500]);
  });
});
