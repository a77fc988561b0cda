import { type Order, OrderCompleted, OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { PaymentPartlyRefunded, PaymentRefunded, PaymentRefundFailed } from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import {
  allDelivered,
  allHeard,
  another,
  as,
  heard,
  intentsOf,
  newsOf,
  parts,
  paymentOf,
  refund,
  refundAnswer,
  refundPart,
  refundsOf,
  sandbox,
  sold,
  stripe,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

usePayments();

const amounts = (order: Order) => refundsOf(order).map(({ amount }) => amount);

/** An order of three tickets, one of them free, that was paid. */
async function soldTickets(): Promise<Order & { tickets: NonNullable<Order['tickets']> }> {
  const tickets = [1000, 500, 0].map((price) => ({ id: newId(), attempt: 1, price }));
  const order = await sold({ tickets, total: 1500, currency: 'eur' });
  return { ...order, status: 'complete', version: 2, tickets };
}
type Sold = Awaited<ReturnType<typeof soldTickets>>;

const ended = (order: Sold, indexes: number[], version = 3): Sold => ({
  ...order,
  version,
  tickets: order.tickets.map((it, index) => (indexes.includes(index) ? { ...it, ended: 'show-cancelled' } : it)),
});
const end = (order: Sold, indexes: number[], version?: number) =>
  announce(parts.bus, OrderTicketsEnded, ended(order, indexes, version));

describe('tickets that have ended', () => {
  it('are refunded one by one, each once, however often that is announced', async () => {
    const order = await soldTickets();
    await Promise.all([end(order, [1]), end(order, [1]), end(order, [1])]);
    await heard(order, PaymentPartlyRefunded);
    expect(await newsOf(order, PaymentPartlyRefunded)).toMatchObject([
      { status: 'captured', refunded: 500, refundedTickets: [order.tickets[1]?.id] },
    ]);
    await end(order, [0, 1, 2], 4);
    await heard(order, PaymentRefunded);
    await allHeard();
    expect(amounts(order)).toEqual([500, 1000]);
  });

  it('are refunded although the announcement is overtaken by a later one', async () => {
    const order = await soldTickets();
    await announce(parts.bus, OrderCompleted, { ...order, version: 5 });
    await allHeard();
    await end(order, [0]);
    await heard(order, PaymentPartlyRefunded);
    expect(amounts(order)).toEqual([1000]);
  });

  it('cost nothing more than what is left, whoever has refunded before', async () => {
    const order = await soldTickets();
    await refundPart(order, 700).expect(200);
    await end(order, [0, 1, 2]);
    await heard(order, PaymentRefunded);
    expect(amounts(order).reduce((sum, it) => sum + it, 0)).toBe(1500);
    const another = await soldTickets();
    await refund(another).expect(200);
    await end(another, [0, 1, 2]);
    await allHeard();
    expect(amounts(another)).toEqual([1500]);
  });

  it('are refunded in the end, once, although Stripe was away and we died meanwhile', async () => {
    const order = await soldTickets();
    sandbox.faults({ down: true });
    await end(order, [0, 1]);
    await eventually(async () =>
      expect(await paymentOf(order)).toMatchObject({ partRefunds: [{ made: false }, { made: false }] }),
    );
    sandbox.faults({ loseWebhooks: { probability: 1 }, dropReplies: { next: 3, path: '/v1/refunds' } });
    const replica = another({});
    await replica.start();
    untilForgotten();
    await heard(order, PaymentRefunded);
    await replica.stop();
    expect(amounts(order).sort()).toEqual([1000, 500]);
  });

  it('are refunded once although Stripe answers with errors, and repeats those, after it has made the refund', async () => {
    const order = await soldTickets();
    sandbox.faults({ failRequests: { next: 1, path: '/v1/refunds', status: 500, afterEffect: true } });
    await end(order, [1]);
    await heard(order, PaymentPartlyRefunded);
    expect(amounts(order)).toEqual([500]);
    const another = await soldTickets();
    sandbox.faults({ failRequests: { next: 1, path: '/v1/refunds', status: 500, afterEffect: true } });
    await refund(another).expect(200);
    expect(amounts(another)).toEqual([1500]);
  });

  it('whose refund Stripe refuses are known as that, and refunded once the dispute is won', async () => {
    const order = await soldTickets();
    const { id } = await sandbox.dispute(intentsOf(order)[0]?.id ?? '', 'fraudulent');
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ dispute: { status: 'open' } }));
    await end(order, [1]);
    await heard(order, PaymentRefundFailed);
    const [, { id: ticketId } = { id: '' }] = order.tickets;
    expect(await newsOf(order, PaymentRefundFailed)).toMatchObject([{ refunded: 0, refundFailedTickets: [ticketId] }]);
    await end(order, [1]);
    untilForgotten();
    await allHeard();
    expect(refundsOf(order)).toEqual([]);
    await sandbox.decideDispute(id, 'won');
    await heard(order, PaymentPartlyRefunded);
    expect(amounts(order)).toEqual([500]);
    expect(await paymentOf(order)).toMatchObject({ partRefunds: [{ id: `ticket:${ticketId}:2`, made: true }] });
  });

  it('whose refund the bank takes back are known as that, and the others stay refunded', async () => {
    const order = await soldTickets();
    await end(order, [0, 1]);
    await heard(order, PaymentRefunded);
    const first = refundsOf(order).find(({ amount }) => amount === 1000)?.id ?? '';
    await sandbox.decideRefund(first, 'failed');
    await heard(order, PaymentRefundFailed);
    expect(await newsOf(order, PaymentRefundFailed)).toMatchObject([
      {
        ...{ status: 'captured', refunded: 500 },
        refundedTickets: [order.tickets[1]?.id],
        refundFailedTickets: [order.tickets[0]?.id],
      },
    ]);
    await end(order, [0, 1]);
    await allHeard();
    expect(refundsOf(order)).toHaveLength(2);
  });

  it('are not refunded again by a payment that was put back from a backup, which knows of no refund', async () => {
    const order = await soldTickets();
    const payments = parts.connection.collection<StoredAggregate>('payments');
    const before = await paymentOf(order);
    await end(order, [1]);
    await heard(order, PaymentPartlyRefunded);
    sandbox.faults({ loseWebhooks: { probability: 1 } });
    // By then Stripe has forgotten the idempotency key.
    parts.now.forward(2 * 24 * 3_600_000);
    const older = { status: 'authorized', partRefunds: [], refunded: 0, since: new Date(0).toISOString() };
    await payments.replaceOne({ _id: order.id }, { ...before, ...older, version: 1, outbox: [] });
    await eventually(async () =>
      expect(await paymentOf(order)).toMatchObject({ refunded: 500, partRefunds: [{ amount: 500, made: true }] }),
    );
    expect(amounts(order)).toEqual([500]);
  });

  it('are not refunded again by a payment from a backup, whose first try Stripe had refused', async () => {
    const order = await soldTickets();
    const [, second] = order.tickets;
    const before = await paymentOf(order);
    sandbox.faults({ refuseRefunds: { next: 1 } });
    await end(order, [1]);
    await heard(order, PaymentRefundFailed);
    await refund(order)
      .send({ tickets: [second?.id] })
      .expect(200, refundAnswer(order, 500));
    await allDelivered(order);
    await parts.connection
      .collection<StoredAggregate>('payments')
      .replaceOne({ _id: order.id }, { ...before, outbox: [] });
    // As orders announces everything again after a backup was put back.
    await end(order, [1], 4);
    await eventually(async () => expect(await paymentOf(order)).toMatchObject({ refunded: 500 }));
    expect(amounts(order)).toEqual([500]);
    expect(await paymentOf(order)).toMatchObject({ partRefunds: [{ id: `ticket:${second?.id}:2`, made: true }] });
  });

  it('are not refunded twice by what was refunded in Stripe’s dashboard', async () => {
    const order = await soldTickets();
    await stripe.refunds.create({ payment_intent: intentsOf(order)[0]?.id ?? '', amount: 900 });
    await heard(order, PaymentPartlyRefunded);
    await end(order, [0, 1]);
    await heard(order, PaymentRefunded);
    expect(amounts(order).reduce((sum, it) => sum + it, 0)).toBe(1500);
  });
});

describe('an organiser who refunds tickets', () => {
  const refundTickets = (order: Order, tickets: readonly (string | undefined)[]) => refund(order).send({ tickets });

  it('refunds each at its price, once, and is told how much that is', async () => {
    const order = await soldTickets();
    const [first, second, free] = order.tickets.map(({ id }) => id);
    const answers = await Promise.all(Array.from({ length: 4 }, () => refundTickets(order, [second, free])));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      answers.map(() => [200, refundAnswer(order, 500)]),
    );
    await heard(order, PaymentPartlyRefunded);
    expect(await newsOf(order, PaymentPartlyRefunded)).toMatchObject([{ refunded: 500, refundedTickets: [second] }]);
    await end(order, [0, 1, 2]);
    await heard(order, PaymentRefunded);
    await refundTickets(order, [first, second]).expect(200, refundAnswer(order));
    expect(amounts(order)).toEqual([500, 1000]);
  });

  it('names tickets of the order, and either those or an amount', async () => {
    const order = await soldTickets();
    await refundTickets(order, [newId()]).expect(404);
    expect((await refundTickets(order, [order.tickets[2]?.id]).expect(409)).body.code).toBe('refund-too-large');
    for (const body of [{}, { tickets: [] }, { tickets: [order.tickets[0]?.id], amount: 5 }, { tickets: 'all' }]) {
      await refund(order).send(body).expect(400);
    }
    await refundTickets(order, [order.tickets[0]?.id]).set(as('somebody')).expect(403);
    expect(refundsOf(order)).toEqual([]);
  });

  it('is told when Stripe refuses it, and may ask again', async () => {
    const order = await soldTickets();
    sandbox.faults({ refuseRefunds: { next: 1 } });
    expect((await refundTickets(order, [order.tickets[0]?.id]).expect(409)).body.code).toBe('refund-refused');
    await refundTickets(order, [order.tickets[0]?.id]).expect(200, refundAnswer(order, 1000));
  });
});
