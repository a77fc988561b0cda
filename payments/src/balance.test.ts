import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { eventually } from '@box-office/common/testing/eventually';
import { mismatch } from './balance.ts';
import { authorized, captured, order, pending } from './payment-under-test.ts';
import { copies, copyOnly, parts, refund, sold, untilForgotten, usePayments } from './payments-under-test.ts';

const complete = { ...order, status: 'complete' as const };
const cancelled = { ...order, status: 'cancelled' as const };

describe('a payment that has ended', () => {
  it.each([
    ['captured, of an order that is complete', captured, complete, undefined],
    ['captured, of an order that was cancelled', captured, cancelled, 'money-without-sale'],
    ['captured, of an order that nobody knows', captured, null, 'money-without-sale'],
    ['captured, and about to be refunded', { ...captured, refundWanted: true }, cancelled, undefined],
    ['captured, its refund refused by the bank', { ...captured, failedRefunds: 1 }, cancelled, undefined],
    ['refunded, of an order that was cancelled', { ...captured, status: 'refunded' as const }, cancelled, undefined],
    ['voided, of an order that was cancelled', { ...authorized, status: 'voided' as const }, cancelled, undefined],
    [
      'voided, of an order that is complete',
      { ...authorized, status: 'voided' as const },
      complete,
      'sale-without-money',
    ],
    ['failed, of an order that is complete', { ...pending, status: 'failed' as const }, complete, 'sale-without-money'],
    ['open, of an order that is complete', authorized, complete, undefined],
  ])('%s', (_, payment, its, what) => {
    expect(mismatch(payment, its)).toBe(what);
  });
});

describe('the metrics', () => {
  usePayments();

  const value = async (line: string) => {
    const found = (await parts.metrics.metrics()).split('\n').find((it) => it.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };
  const unbalanced = () => value('payments_unbalanced{what="money-without-sale"}');
  const money = (movement: string) => value(`payments_money_total{movement="${movement}",currency="eur"}`);

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
