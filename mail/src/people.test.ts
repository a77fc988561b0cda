import type { Person } from '@box-office/common/contracts/people';
import { collectionOf } from '@box-office/common/store/mongo';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import { newId } from '@box-office/common/testing/parts';
import type { Connection, mongo } from 'mongoose';
import { addressBook, type People } from './people.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

/** Of two servers the slower one: its upsert finds nobody, and inserts after `meanwhile`. */
function slowBook(meanwhile: () => Promise<void>): People {
  const { connection } = database;
  const people = collectionOf<mongo.Document & { _id: string }>(connection, 'people');
  const slow: typeof people = Object.assign(Object.create(people), {
    async updateOne(...[filter, change, options]: Parameters<typeof people.updateOne>) {
      if (!options?.upsert || Array.isArray(change)) return people.updateOne(filter, change, options);
      await meanwhile();
      return people.insertOne({ _id: String(filter._id), ...change.$set });
    },
  });
  const db: Connection['db'] = Object.assign(Object.create(connection.db ?? null), { collection: () => slow });
  return addressBook(Object.create(connection, { db: { value: db } }));
}

describe('of two processes that hear of an unknown person at the same time', () => {
  const [first, second] = ['first@example.com', 'second@example.com'];
  const personOf = (version: number, email: string): Person => ({
    ...{ id: newId(), kind: 'person', language: 'en', verified: true },
    ...{ version, email },
  });

  it('the slower one is not lost if it brings newer news', async () => {
    const book = addressBook(database.connection);
    const old = personOf(0, first);
    await slowBook(() => book.know(old)).know({ ...old, version: 1, email: second });
    expect(await book.find(old.id)).toEqual({ email: second, language: 'en' });
    const leaving = personOf(0, first);
    await slowBook(() => book.know(leaving)).forget({ id: leaving.id, version: 1 });
    expect(await book.find(leaving.id)).toBe('forgotten');
  });

  it('the slower one changes nothing if it brings older news', async () => {
    const book = addressBook(database.connection);
    const current = personOf(1, second);
    await slowBook(() => book.know(current)).know({ ...current, version: 0, email: first });
    expect(await book.find(current.id)).toEqual({ email: second, language: 'en' });
  });
});
