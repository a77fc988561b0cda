import { newId } from '@box-office/common/testing/parts';
import { type Entry, join, leave, orderIdFor, serve } from '@box-office/orders/waiting/entry';
import { audit, repair } from './audit.ts';
import { books, useBooks } from './books-under-test.ts';
import type { Stored } from './view.ts';
import { waitingView } from './waiting.ts';

useBooks();

const facts = () => ({
  ...{ id: newId(), showId: newId(), kindId: newId(), kind: 'Stalls', title: 'Hamlet', quantity: 2, userId: 'anna' },
  ...{ number: 1, place: null },
});

async function stored({ id, ...fields }: Entry, more: object = {}): Promise<string> {
  await books.orders.collection('waiting').insertOne({ _id: id, ...fields, ...more, outbox: [] });
  return id;
}

const ordered = ({ userId, showId }: Entry, _id: string, more: Partial<Stored> = {}) =>
  books.orders.documents.insertOne({ _id, userId, showId, ticketId: _id, attempt: 1, outbox: [], ...more });

it('finds entries that say something else than the orders made for them, and leaves them to others', async () => {
  const [waiting, gone, bySelf, byLine] = [
    join(facts()).next,
    join(facts()).next,
    join(facts()).next,
    join(facts()).next,
  ];
  await stored(waiting);
  await stored(leave(gone).next);
  await ordered(gone, orderIdFor(gone), { barred: true });
  const own = newId();
  await stored(serve(bySelf, own).next);
  await ordered(bySelf, own);
  await stored(serve(byLine, orderIdFor(byLine)).next);
  await ordered(byLine, orderIdFor(byLine));

  const [unfinished, lost, leftWith, others] = [
    join(facts()).next,
    join(facts()).next,
    join(facts()).next,
    join(facts()).next,
  ];
  const wrong = [await stored(unfinished)];
  await ordered(unfinished, orderIdFor(unfinished));
  wrong.push(await stored(serve(lost, orderIdFor(lost)).next));
  wrong.push(await stored(leave(leftWith).next));
  await ordered(leftWith, orderIdFor(leftWith));
  wrong.push(await stored(serve(others, orderIdFor(others)).next));
  await ordered(others, orderIdFor(others), { userId: 'ben' });
  wrong.push(await stored(join(facts()).next, { quantity: 'two' }));

  const { compared, mismatches } = await audit([waitingView(books)], 50);
  expect(compared).toBe(9);
  expect(mismatches.map(({ id }) => id).toSorted()).toEqual(wrong.toSorted());

  const left = await repair(mismatches, 50);
  const reasons = new Map(left.map(({ id, reason }) => [id, reason]));
  expect(wrong.map((id) => reasons.get(id))).toEqual([
    expect.stringContaining('within seconds'),
    ...Array(4).fill(expect.stringContaining('only people')),
  ]);
});
