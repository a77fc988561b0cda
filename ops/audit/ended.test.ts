import { newId } from '@box-office/common/testing/parts';
import { endTickets } from '@box-office/orders/ended';
import { lookup } from '@box-office/orders/lookup';
import { Order } from '@box-office/orders/order';
import { singleTicket } from '@box-office/orders/reserve';
import { Payment } from '@box-office/payments/payment';
import { audit } from './audit.ts';
import { books, useBooks } from './books-under-test.ts';
import { endedViews } from './ended.ts';

useBooks();

const at = '2026-01-02T12:00:00.000Z';

/** A complete order for two tickets of a show that cost something, and a free one. */
function order(showId: string | null, more: Partial<Order> = {}): Order {
  const tickets = [1000, 500, 0].map((price) => singleTicket({ id: newId(), attempt: 1, price }));
  return Order.parse({
    ...{ id: newId(), version: 2, userId: 'buyer', sellerId: 'organiser', status: 'complete', reason: null },
    ...{ expiresAt: at, ticketId: tickets[0]?.id, attempt: 1, title: 'Hamlet', price: 1500, currency: 'eur' },
    ...{ showId, tickets },
    ...more,
  });
}

async function store(it: Order): Promise<Order> {
  const { id: _id, ...fields } = it;
  const { claims, shelf } = lookup(it, new Date());
  const document = { _id, ...fields, claims, ...(shelf && { shelf }), outbox: [] };
  await books.orders.documents.replaceOne({ _id }, document, { upsert: true });
  return it;
}

async function paid({ id, price, currency, userId }: Order, more: Partial<Payment> = {}): Promise<void> {
  const { id: _id, ...payment } = Payment.parse({
    ...{ id, version: 2, userId, status: 'captured', amount: price, currency, stripeId: 'pi_1', since: at },
    ...{ captureRefused: false, ...more },
  });
  await books.payments.documents.replaceOne({ _id }, { _id, ...payment, outbox: [] }, { upsert: true });
}

const ticketsOf = ({ tickets }: Order): string[] => (tickets ?? []).map(({ id }) => id);
const ended = (it: Order) => endTickets(it, ticketsOf(it), 'show-cancelled').next;
const found = async () => (await audit(endedViews(books), 20)).mismatches;

it('finds orders of a cancelled show that have not ended, and has the cancellation announced again', async () => {
  const [cancelled, playing] = [newId(), newId()];
  await books.shows.documents.insertOne({ _id: cancelled, state: 'cancelled', title: 'Hamlet', outbox: [] });
  await books.shows.documents.insertOne({ _id: playing, state: 'on-sale', title: 'Faust', outbox: [] });
  await store(order(playing));
  await store(order(cancelled, { status: 'awaiting:payment' }));
  await store(order(cancelled, { status: 'cancelled' }));
  const sold = await store(order(cancelled));
  const reserved = await store(order(cancelled, { status: 'created' }));
  const free = await store(ended(order(cancelled, { price: 0 })));
  await paid(free, { status: 'refunded', amount: 1 });
  const mismatches = await found();
  expect(mismatches.map(({ id }) => id).sort()).toEqual([sold.id, reserved.id].sort());
  expect(mismatches.find(({ id }) => id === sold.id)?.says).toEqual([
    `The show “Hamlet” (${cancelled}) is cancelled, and 3 of the tickets that were bought with this order have not ended.`,
  ]);
  expect(mismatches.find(({ id }) => id === reserved.id)?.says).toEqual([
    `The show “Hamlet” (${cancelled}) is cancelled, and this order still reserves tickets of it.`,
  ]);
  await store(ended(sold));
  await paid(sold, { status: 'refunded' });
  await store({ ...reserved, status: 'cancelled' });
  expect(await found()).toEqual([]);
});

it('expects no more than what the next buyer has paid', async () => {
  const sold = order(null);
  const [first = '', second = ''] = ticketsOf(sold);
  const resold = endTickets(
    sold,
    [first, second],
    'resold',
    new Map([
      [first, 0],
      [second, 300],
    ]),
  ).next;
  await store(resold);
  await paid(resold);
  expect((await found()).flatMap(({ says }) => says)).toEqual([
    `The ticket ${second} was resold, and its buyer has not got €3.00 back: payments does not know of it.`,
  ]);
  const part = {
    id: `ticket:${second}`,
    ticketId: second,
    amount: 300,
    made: true,
    owed: true,
    failed: false,
    postponed: 0,
  };
  await paid(resold, { partRefunds: [part], refunded: 300 });
  expect(await found()).toEqual([]);
});

it('finds tickets that have ended and were not refunded, and says why', async () => {
  const it = await store(ended(order(null)));
  const [first = '', second = ''] = ticketsOf(it);
  const part = { made: true, owed: true, failed: false, postponed: 0 };
  const partOf = (ticketId: string, amount: number, more: object = {}) => ({
    ...{ id: `ticket:${ticketId}`, ticketId, amount, ...part },
    ...more,
  });
  const why = async (more?: Partial<Payment>) => {
    if (more) await paid(it, more);
    const [one, ...others] = await found();
    expect(others).toEqual([]);
    return one?.says?.map((sentence) => sentence.replace(/^.*back: /, ''));
  };
  expect(await why()).toEqual(['There is no payment, so nothing can be refunded.']);
  expect(await why({})).toEqual(['payments does not know of it.', 'payments does not know of it.']);
  expect((await found())[0]?.says?.[0]).toBe(
    `The ticket ${first} is for a cancelled show, and its buyer has not got €10.00 back: payments does not know of it.`,
  );
  const partRefunds = [partOf(first, 1000), partOf(second, 500, { made: false })];
  expect(await why({ partRefunds, refunded: 1000 })).toEqual(['the refund has yet to be made.']);
  const at = '2027-01-03T12:00:00.000Z';
  const postponed = { since: at, times: 1, retryAt: at };
  expect(await why({ partRefunds, refunded: 1000, postponed })).toEqual(['the refund waits for balance at Stripe.']);
  const failed = [partOf(first, 1000, { failed: true }), partOf(second, 500)];
  expect(await why({ partRefunds: failed, refunded: 500 })).toEqual(['the bank returned the refund.']);
  const refusedTickets = [{ ticketId: first, amount: 1000, final: true }];
  const refused = { partRefunds: [partOf(second, 500)], refusedTickets, refunded: 500 };
  expect(await why(refused)).toEqual(['Stripe refused the refund.']);
  // The buyer has got it from the bank.
  expect(await why({ ...refused, dispute: { status: 'lost', amount: 1500 } })).toBeUndefined();
  expect(await why({ partRefunds: [partOf(first, 1000), partOf(second, 500)], status: 'refunded' })).toBeUndefined();
});
