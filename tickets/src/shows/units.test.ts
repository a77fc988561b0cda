import type { Order } from '@box-office/common/contracts/orders';
import { unitId } from '@box-office/common/derived-id';
import { newObjectId } from '@box-office/common/object-id';
import { collectionOf, connectStore } from '@box-office/common/store/mongo';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import type { StoredUnit } from './unit.ts';
import { unitStore } from './units.ts';

let connection: Awaited<ReturnType<typeof connectStore>>;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  connection = await connectStore(database.url, 'test');
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

describe('tickets that several processes make at the same time', () => {
  it('count as made only if they are there, whatever is said to be taken', async () => {
    const units = unitStore(connection);
    const [showId, kindId] = [newObjectId(), newObjectId()];
    await units.make(showId, kindId, [1, 2]);
    await units.make(showId, kindId, [1, 2, 3]);
    expect(await units.count(showId, kindId, ['free'])).toBe(3);

    // Stands for a write of another process that is not finished: the id is taken, and the ticket is not there.
    const elsewhere = { _id: unitId(showId, kindId, 4), showId: newObjectId(), kindId };
    const unfinished = { number: 4, state: 'free' as const, heard: 0, hold: null };
    await collectionOf<StoredUnit>(connection, 'units').insertOne({ ...elsewhere, ...unfinished });
    await expect(units.make(showId, kindId, [4, 5])).rejects.toThrow('another process is making these tickets');
  });
});

it('an order takes a ticket that is put back on sale in the same moment', async () => {
  const units = unitStore(connection);
  const [showId, kindId] = [newObjectId(), newObjectId()];
  await units.make(showId, kindId, [1]);
  const range = [{ first: 1, last: 1 }];
  await units.takeOffSale(showId, kindId, range);
  const { documents } = units;
  const { bulkWrite } = documents;
  let writes = 0;
  Object.assign(documents, {
    async bulkWrite(...what: Parameters<typeof bulkWrite>) {
      const result = await bulkWrite.apply(documents, what);
      if (++writes === 1) await units.putBack(showId, kindId, range);
      return result;
    },
  });
  await units.follow(freeOrder(showId, kindId), new Date().toISOString());
  expect(await units.count(showId, kindId, ['sold'])).toBe(1);
});

const freeOrder = (showId: string, kindId: string): Order => {
  const ticket = { id: unitId(showId, kindId, 1), price: 0 };
  return {
    ...{ id: newObjectId(), version: 0, userId: newObjectId(), status: 'complete', attempt: 1, showId },
    ...{ expiresAt: new Date().toISOString(), total: 0, currency: 'eur' },
    ticket: { ...ticket, title: 'Opera', currency: 'eur' },
    tickets: [{ ...ticket, attempt: 1, kindId, kind: 'Stalls' }],
  };
};
