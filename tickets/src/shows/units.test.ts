import type { Order } from '@box-office/common/contracts/orders';
import { unitId } from '@box-office/common/derived-id';
import { newObjectId } from '@box-office/common/object-id';
import { collectionOf, connectStore } from '@box-office/common/store/mongo';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import type { StoredUnit, UnitState } from './unit.ts';
import { unitStore } from './units.ts';

let connection: Awaited<ReturnType<typeof connectStore>>;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  connection = await connectStore(database.url, 'test');
  await unitStore(connection).prepare();
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

describe('a ticket in one of some states', () => {
  it('is found wherever it is, if it is made', async () => {
    const units = unitStore(connection);
    const [showId, id] = [newObjectId(), newObjectId()];
    await units.make(
      showId,
      id,
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
    await units.documents.updateMany({ showId, kindId: id }, { $set: { state: 'sold' } });
    const become = (number: number, state: UnitState) =>
      units.documents.updateOne({ _id: unitId(showId, id, number) }, { $set: { state } });
    const has = (made: number) => units.has(showId, { id, made }, ['offered', 'free']);
    for (const number of [1, 100, 101, 900, 901]) {
      await become(number, 'free');
      expect([number, await has(1_000), await has(number), await has(number - 1)]).toEqual([number, true, true, false]);
      await become(number, 'sold');
    }
    expect(await has(1_000)).toBe(false);
  });

  it('is found by an index alone', async () => {
    const units = unitStore(connection);
    const [showId, kindId] = [newObjectId(), newObjectId()];
    await units.make(showId, kindId, [1, 2, 3, 4]);
    await units.make(showId, newObjectId(), [1, 2, 3, 4]);
    const filter = { showId, kindId, state: 'free' as const, number: { $gt: 0, $lte: 3 } };
    const { executionStats } = await units.documents.find(filter).explain('executionStats');
    expect([executionStats.nReturned, executionStats.totalDocsExamined]).toEqual([3, 3]);
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
