import { type Order, OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { PaymentPartlyRefunded, PaymentRefundFailed } from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import {
  copies,
  copyOnly,
  heard,
  parts,
  refund,
  refundsOf,
  sandbox,
  sold,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';

describe('the metrics', () => {
  usePayments();

  const value = async (line: string) => {
    const found = (await parts.metrics.metrics()).split('\n').find((it) => it.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };
  const unbalanced = () => value('payments_unbalanced{what="money-without-sale"}');
  const failed = () => value('payments_unbalanced{what="refund-failed"}');
  const money = (movement: string) => value(`payments_money_total{movement="${movement}",currency="eur"}`);

  /** A paid order of two tickets, of which the first is for a show that was cancelled since. */
  async function cancelledShow(): Promise<Order> {
    const tickets = [1000, 500].map((price) => ({ id: newId(), attempt: 1, price }));
    const order = await sold({ tickets, total: 1500, currency: 'eur' });
    const ended = tickets.map((it, index) => (index === 0 ? { ...it, ended: 'show-cancelled' as const } : it));
    return { ...order, version: 3, status: 'complete', tickets: ended };
  }

  it('count money once when it is taken and once when it is given back', async () => {
    const before = (await money('captured')) ?? 0;
    const it = await sold();
    expect(await money('captured')).toBe(before + 1500);
    expect(await money('refunded')).toBeUndefined();
    await refund(it).expect(200);
    await eventually(async () => expect(await money('refunded')).toBe(1500));
    expect(await money('captured')).toBe(before + 1500);
  });

  it('tell of money without a sale until it balances', async () => {
    const it = await sold();
    await eventually(async () => expect(await unbalanced()).toBe(0));
    await copyOnly({ ...it, status: 'awaiting:payment' });
    untilForgotten();
    await eventually(async () => expect(await unbalanced()).toBe(1));
    expect(parts.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ orderId: it.id, what: 'money-without-sale', level: 50 }),
    );
    await copyOnly({ ...it, status: 'complete', version: 9 });
    await eventually(async () => expect(await unbalanced()).toBe(0));
  });

  it('tell of the tickets of a cancelled show whose refunds were refused or came back, until they are made', async () => {
    await eventually(async () => expect(await failed()).toBe(0));
    const [first, second] = [await cancelledShow(), await cancelledShow()];
    sandbox.faults({ refuseRefunds: { next: 1 } });
    await announce(parts.bus, OrderTicketsEnded, first);
    await heard(first, PaymentRefundFailed);
    await announce(parts.bus, OrderTicketsEnded, second);
    await heard(second, PaymentPartlyRefunded);
    // By the time the bank returns it, the payment has been compared and found in order.
    untilForgotten();
    await eventually(async () => expect(await failed()).toBe(1));
    await sandbox.decideRefund(refundsOf(second)[0]?.id ?? '', 'failed');
    await heard(second, PaymentRefundFailed);
    untilForgotten();
    await eventually(async () => expect(await failed()).toBe(2));
    for (const it of [first, second]) {
      await refund(it)
        .send({ tickets: [it.tickets?.[0]?.id] })
        .expect(200);
    }
    await eventually(async () => expect(await failed()).toBe(0));
  });

  it('tell of all the others when an order or a payment cannot be read, and of that one once it can be', async () => {
    const [first, second] = [await sold(), await sold()];
    await copies().updateOne({ _id: first.id }, { $set: { status: 'nonsense' } });
    await copyOnly({ ...second, status: 'awaiting:payment' });
    untilForgotten();
    await eventually(async () => expect(await unbalanced()).toBe(1));
    expect(parts.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ orderId: first.id, msg: 'could not compare a payment with its order', level: 50 }),
    );
    const payments = parts.connection.collection<StoredAggregate>('payments');
    await payments.updateOne({ _id: second.id }, { $set: { amount: 'much' } });
    await copyOnly({ ...first, status: 'awaiting:payment' });
    await eventually(async () => expect(await unbalanced()).toBe(2));
    await payments.updateOne({ _id: second.id }, { $set: { amount: 1500 } });
    for (const it of [first, second]) await copyOnly({ ...it, status: 'complete' });
    await eventually(async () => expect(await unbalanced()).toBe(0));
  });
});
