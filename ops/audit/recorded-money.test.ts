import {
  PaymentDisputed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentRefundPostponed,
  Payment as PaymentSnapshot,
} from '@box-office/common/contracts/payments';
import { newId } from '@box-office/common/testing/parts';
import { recordMoney } from '@box-office/orders/money';
import { Order } from '@box-office/orders/order';
import { singleTicket } from '@box-office/orders/reserve';
import { Payment, snapshot } from '@box-office/payments/payment';
import { audit, type Left, repair } from './audit.ts';
import type { Owner } from './books.ts';
import { books, useBooks } from './books-under-test.ts';
import { inWords } from './print.ts';
import { recordedMoneyView } from './recorded-money.ts';
import { differing } from './view.ts';

useBooks();

afterEach(async () => {
  for (const { documents } of [books.orders, books.payments]) await documents.deleteMany({});
});

const at = '2026-01-02T12:00:00.000Z';

/** A complete order for two tickets. */
function order(more: Partial<Order> = {}): Order {
  const tickets = [1_000, 500].map((price) => singleTicket({ id: newId(), attempt: 1, price }));
  return Order.parse({
    ...{ id: newId(), version: 2, userId: 'buyer', sellerId: 'seller', status: 'complete', reason: null },
    ...{ expiresAt: at, ticketId: tickets[0]?.id, attempt: 1, title: 'Hamlet', price: 1_500, currency: 'eur' },
    tickets,
    ...more,
  });
}

const paymentOf = ({ id, price, currency, userId }: Order, more: Partial<Payment> = {}): Payment =>
  Payment.parse({
    ...{ id, version: 2, userId, status: 'captured', amount: price, currency, stripeId: 'pi_1', since: at },
    ...{ captureRefused: false, ...more },
  });

async function store(it: Order, payment: Payment): Promise<void> {
  const put = ({ documents }: Pick<Owner<never>, 'documents'>, { id: _id, ...fields }: Order | Payment) =>
    documents.replaceOne({ _id }, { ...fields, outbox: [] }, { upsert: true });
  await put(books.orders, it);
  await put(books.payments, payment);
}

/** The order once it has heard of its payment. */
const heard = (it: Order, payment: Payment): Order => recordMoney(it, snapshot(payment), at).next;
const found = async () => (await audit([recordedMoneyView(books)], 20)).mismatches;
const documentOf = ({ id }: Order) => books.orders.documents.findOne({ _id: id });

const recorded: readonly string[] = [
  ...[PaymentRefunded.type, PaymentPartlyRefunded.type, PaymentRefundFailed.type],
  ...[PaymentRefundPostponed.type, PaymentDisputed.type],
];

/** What payments' relay and orders' listeners do. */
async function hearAll(): Promise<void> {
  for (const { _id, outbox } of await books.payments.documents.find({ 'outbox.id': { $gt: '' } }).toArray()) {
    for (const { type, data, time } of outbox) {
      if (!recorded.includes(type)) continue;
      await books.orders.store.change(_id, (it) => recordMoney(it, PaymentSnapshot.parse(data), time));
    }
    await books.payments.documents.updateOne({ _id, outbox }, { $set: { outbox: [] } });
  }
}

async function heardMeanwhile(repairing: Promise<Left[]>): Promise<Left[]> {
  let isRepaired = false;
  const repaired = repairing.finally(() => {
    isRepaired = true;
  });
  while (!isRepaired) await hearAll();
  return repaired;
}

const part = (ticketId: string, amount: number, more: object = {}) => ({
  ...{ id: `ticket:${ticketId}`, ticketId, amount, made: true, owed: false, failed: false, postponed: 0 },
  ...more,
});

const waits: Partial<Payment> = { refundWanted: true, postponed: { since: at, times: 1, retryAt: at } };

it('agrees while an order has recorded what its payment says', async () => {
  for (const it of [order(), order({ status: 'created' })]) await store(it, paymentOf(it));
  const told: [Order, Partial<Payment>][] = [
    [order(), { status: 'refunded' }],
    [order({ tickets: null }), { status: 'refunded' }],
    [order(), { dispute: { status: 'open', amount: 1_500 } }],
    [order(), waits],
  ];
  for (const [it, more] of told) await store(heard(it, paymentOf(it, more)), paymentOf(it, more));
  expect(await audit([recordedMoneyView(books)], 20)).toEqual({ compared: 6, mismatches: [], moving: 0 });
});

it('does not expect an order to know that the refund of a ticket was requested again', async () => {
  const bought = order();
  const [first = '', second = ''] = bought.tickets?.map(({ id }) => id) ?? [];
  const failed = { refunded: 1_000, failedRefunds: 1, version: 4 };
  const parts = [part(first, 1_000), part(second, 500, { failed: true })];
  const again = { ...part(second, 500, { made: false }), id: `ticket:${second}:2` };
  const known = heard(bought, paymentOf(bought, { ...failed, partRefunds: parts }));
  expect(known.tickets).toMatchObject([{ refundedAt: at }, { refundFailedAt: at }]);
  await store(known, paymentOf(bought, { ...failed, partRefunds: [...parts, again] }));
  expect(await found()).toEqual([]);
});

it('leaves what has no counterpart or cannot be read to where their money is compared', async () => {
  const [broken, unpaid, unknown] = [order({ refunded: 7 }), order({ refunded: 7 }), order()];
  await store(broken, paymentOf(broken));
  await books.orders.documents.updateOne({ _id: broken.id }, { $set: { price: 'much' } });
  await store(unpaid, paymentOf(unknown));
  expect(await found()).toEqual([]);
});

it('finds whatever an order has not recorded, of the same version too, and has it announced again', async () => {
  const bought = order();
  const [first = '', second = ''] = bought.tickets?.map(({ id }) => id) ?? [];
  const cases: [Partial<Payment>, string[]][] = [
    [{ refunded: 400 }, ['refunded']],
    [{ status: 'refunded' }, ['refunded', 'isRefunded', 'refundedTickets']],
    [{ dispute: { status: 'lost', amount: 1_500 } }, ['dispute']],
    [waits, ['awaitsBalanceSince']],
    [{ refunded: 1_000, partRefunds: [part(first, 1_000)] }, ['refunded', 'refundedTickets']],
    [{ failedRefunds: 1, partRefunds: [part(second, 500, { failed: true })] }, ['refundFailedTickets']],
  ];
  const expected = new Map<string, string[]>();
  for (const [more, fields] of cases) {
    for (const paymentVersion of [null, 1, 2]) {
      const it = { ...bought, id: newId(), paymentVersion };
      await store(it, paymentOf(it, more));
      expected.set(it.id, fields);
    }
  }
  const mismatches = await found();
  expect(new Map(mismatches.map((it) => [it.id, differing(it)]))).toEqual(expected);
  expect(await heardMeanwhile(repair(mismatches, 30_000))).toEqual([]);
  expect(await books.orders.documents.distinct('paymentVersion')).toEqual([2]);
});

it('finds an order that waits for a later version than its payment has, and lets it hear again', async () => {
  const it = order({ refunded: 400, partlyRefundedAt: at, paymentVersion: 7 });
  const payment = paymentOf(it, { refunded: 400, version: 3 });
  await store(it, payment);
  const mismatches = await found();
  expect(mismatches.map(inWords)).toEqual([
    [
      `orders’ view of payments, ${it.id}`,
      '  paymentVersion: orders 7, payments 3',
      '  Orders ignores what payments announces of it before version 8.',
    ].join('\n'),
  ]);
  const refundedNext = { ...payment, refunded: 900, version: 4 };
  const next = async () => heard(Order.parse({ ...(await documentOf(it)), id: it.id }), refundedNext).refunded;
  expect(await next()).toBe(400);
  expect(await heardMeanwhile(repair(mismatches, 30_000))).toEqual([]);
  expect(await next()).toBe(900);
  // Nothing of it is news to others.
  expect(await documentOf(it)).toMatchObject({ paymentVersion: 3, publicVersion: { is: it.version }, outbox: [] });
});

it('lets an order hear again whose payment has no refund to announce', async () => {
  const [captured, authorized] = [order({ paymentVersion: 4 }), order({ paymentVersion: 4 })];
  await store(captured, paymentOf(captured, { version: 3 }));
  await store(authorized, paymentOf(authorized, { version: 0, status: 'authorized' }));
  expect(await heardMeanwhile(repair(await found(), 30_000))).toEqual([]);
  expect(await documentOf(captured)).toMatchObject({ paymentVersion: 2, version: captured.version + 1 });
  expect(await documentOf(authorized)).toMatchObject({ paymentVersion: null });
});

it('calls it waiting while payments has news of it in its outbox', async () => {
  const it = order({ paymentVersion: 4 });
  await store(it, paymentOf(it));
  await books.payments.documents.updateOne({ _id: it.id }, { $set: { outbox: [{ id: newId() }] } });
  expect(await found()).toMatchObject([{ waits: true }]);
});
