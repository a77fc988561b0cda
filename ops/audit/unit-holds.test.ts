import type { Order as OrderSnapshot } from '@box-office/common/contracts/orders';
import { unitId } from '@box-office/common/derived-id';
import { newId } from '@box-office/common/testing/parts';
import { lookup } from '@box-office/orders/lookup';
import { cancelByBuyer, type Order, snapshot } from '@box-office/orders/order';
import { reserveUnits } from '@box-office/orders/shows/reserve-show';
import { unitStore } from '@box-office/tickets/shows/units';
import { audit, type Left, repair } from './audit.ts';
import { books, database, useBooks } from './books-under-test.ts';
import { unitHoldView } from './unit-holds.ts';

useBooks();

const kindId = newId();

/** A show of four tickets, as tickets stores it. */
async function showOfFour(): Promise<string> {
  const showId = newId();
  await books.shows.documents.insertOne({ _id: showId, outbox: [] });
  await unitStore(database.connection).make(showId, kindId, [1, 2, 3, 4]);
  return showId;
}

/** An order for some of them, as orders stores it. */
async function ordered(showId: string, numbers: readonly number[], attempt = 1): Promise<Order> {
  const kind = { id: kindId, name: 'Stalls', price: 1_500, quantity: 4, made: 4 };
  const { next } = reserveUnits({
    ...{ id: newId(), userId: 'buyer', now: new Date(), windowMs: 60_000 },
    show: {
      ...{ id: showId, version: 1, userId: 'organiser', state: 'on-sale', title: 'Hamlet', currency: 'eur' },
      ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: '2100-01-01T19:00:00.000Z' },
      kinds: [kind],
    },
    units: numbers.map((number) => ({ id: unitId(showId, kindId, number), kindId, number, attempt })),
    places: { person: [], live: null, today: null },
  });
  await store(next);
  return next;
}

async function store({ id, ...fields }: Order): Promise<void> {
  const { claims, shelf } = lookup({ id, ...fields }, new Date());
  const document = { ...fields, claims, shelf, outbox: [] };
  await books.orders.documents.replaceOne({ _id: id }, document, { upsert: true });
}

const heard = (order: OrderSnapshot) => unitStore(database.connection).follow(order, new Date().toISOString());
const found = async () => (await audit([unitHoldView(books)], 20)).mismatches;

/** What orders' relay and tickets' listener do. */
async function hearAll(): Promise<void> {
  const waiting = await books.orders.documents.find({ 'outbox.id': { $gt: '' } }).toArray();
  for (const { _id, outbox } of waiting) {
    for (const { data } of outbox) await heard(data);
    // Unless more was announced meanwhile.
    await books.orders.documents.updateOne({ _id, outbox }, { $set: { outbox: [] } });
  }
}

/** Hears what is announced while repairing: an order with two tickets to mend is announced twice. */
async function heardMeanwhile(repairing: Promise<Left[]>): Promise<Left[]> {
  let isRepaired = false;
  const repaired = repairing.finally(() => {
    isRepaired = true;
  });
  while (!isRepaired) await hearAll();
  await hearAll();
  return repaired;
}

it('finds what a ticket of a show says of its holder and its last order does not, and has that announced again', async () => {
  const showId = await showOfFour();
  const [one = '', two = '', three = '', four = ''] = [1, 2, 3, 4].map((number) => unitId(showId, kindId, number));
  const first = await ordered(showId, [1, 2]);
  await heard(snapshot(first));
  const ended = { ...cancelByBuyer(first).next, version: 1 };
  await store(ended);
  await heard(snapshot(ended));
  const second = await ordered(showId, [2, 3], 2);
  await heard(snapshot(second));
  expect(await found()).toEqual([]);

  const units = books.tickets.collection('units');
  await units.updateOne({ _id: two }, { $set: { state: 'free', heard: 2 ** 40 } });
  await units.updateOne({ _id: three }, { $set: { hold: null } });
  await units.updateOne({ _id: four }, { $set: { state: 'sold' } });
  await units.deleteOne({ _id: one });
  const mismatches = await found();
  expect(mismatches.map(({ id }) => id).toSorted()).toEqual([one, two, three, four].toSorted());

  const of = (...ids: readonly string[]) => mismatches.filter(({ id }) => ids.includes(id));
  // Ends as soon as both agree.
  expect(await heardMeanwhile(repair(of(two, three), 30_000))).toEqual([]);
  // Nothing that is announced mends these, however long one waits.
  const left = await heardMeanwhile(repair(of(one, four), 100));
  expect(left.map(({ id, reason }) => [id, reason]).toSorted()).toEqual(
    [
      [one, undefined],
      [four, 'no order has ever had it'],
    ].toSorted(),
  );
  expect((await found()).map(({ id }) => id).toSorted()).toEqual([one, four].toSorted());
});
