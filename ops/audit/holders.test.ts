import { newId } from '@box-office/common/testing/parts';
import { endTickets } from '@box-office/orders/ended';
import { lookup } from '@box-office/orders/lookup';
import { completeOrder, type Order } from '@box-office/orders/order';
import { offer } from '@box-office/orders/resale/resale';
import { reserve } from '@box-office/orders/reserve';
import { audit, repair } from './audit.ts';
import { books, useBooks } from './books-under-test.ts';
import { holderView } from './holders.ts';

useBooks();

const now = new Date();

async function store({ id, ...fields }: Order): Promise<void> {
  const { claims, unsettled } = lookup({ id, ...fields }, now);
  const document = { ...fields, claims, ...(unsettled && { unsettled }), outbox: [] };
  await books.orders.documents.replaceOne({ _id: id }, document, { upsert: true });
}

function bought(ticketId: string, last: Order | null, userId: string): Order {
  const { next } = reserve({
    ...{ id: newId(), userId, last, now, windowMs: 60_000, places: { person: [], live: null, today: null } },
    ticket: {
      ...{ id: ticketId, version: 0, title: 'Opera', price: 1_500, currency: 'eur', venue: null, startsAt: null },
      ...{ userId: 'seller', orderId: null, state: 'on-sale' },
    },
  });
  return { ...completeOrder(next).next, settled: true };
}

it('a ticket with two holders is found, and one that was sold on to nobody', async () => {
  const ticketId = newId();
  const first = offer(bought(ticketId, null, 'anna'), { ids: [ticketId], over: null, now, last: new Map() }).next;
  const second = bought(ticketId, first, 'ben');
  const resold = endTickets(first, [ticketId], 'resold').next;
  for (const order of [resold, second]) await store(order);
  const found = async () => (await audit([holderView(books)], 20)).mismatches;
  expect(await found()).toEqual([]);

  await store(first);
  const mismatches = await found();
  expect(mismatches).toMatchObject([{ id: second.id, held: { holders: [first.id, second.id] } }]);
  const repairing = repair(mismatches, 30_000);
  // What orders' sweep does.
  while (!(await books.orders.documents.findOne({ _id: second.id, settled: false, unsettled: { $gt: '' } }))) {}
  await store(resold);
  expect(await repairing).toEqual([]);

  await books.orders.documents.deleteOne({ _id: second.id });
  const lost = await found();
  expect(lost).toMatchObject([{ id: first.id, held: { lost: [ticketId] } }]);
  expect(await repair(lost, 100)).toMatchObject([{ reason: 'nobody has what it has sold on' }]);
});
