import { collectionOf } from '@box-office/common/store/mongo';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import { audit, repair } from './audit.ts';
import { oddIdViews } from './odd-ids.ts';
import type { Stored } from './view.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const collection = (name: string) => collectionOf<Stored>(database.connection, name);
const kept = (name: string) => ({ documents: collection(name), collection });
const views = () => oddIdViews({ tickets: kept('tickets'), orders: kept('orders'), payments: kept('payments') });

it('finds documents whose id is no text or is empty, in every collection, and leaves them to people', async () => {
  const expected: string[] = [];
  for (const name of [
    'tickets',
    'orders',
    'payments',
    'shows',
    'units',
    'known-tickets',
    'known-shows',
    'waiting',
    'payable-orders',
  ]) {
    const documents = database.connection.collection<{ _id: unknown; [field: string]: unknown }>(name);
    await documents.insertMany([7, { toString: 1 }, '', 'sound'].map((_id) => ({ _id, version: 0, outbox: [] })));
    for (const id of ['7', '{ toString: 1 }', '']) expected.push(`${name}/${id}`);
  }
  const { mismatches } = await audit(views(), 50);
  expect(mismatches.map(({ view, id }) => `${view.name.split(' ').at(-1)}/${id}`)).toEqual(expected);

  const left = await repair(mismatches, 50);
  expect(left).toHaveLength(expected.length);
  expect(left[0]).toMatchObject({ id: '7', held: { version: 0 }, reason: expect.stringContaining('only people') });
});
