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

describe('a guest’s key', () => {
  const email = 'guest@example.com';
  const guestOf = (): Person => ({
    ...{ id: newId(), version: 0, kind: 'guest', email, language: 'en', verified: false, key: 'KEY' },
  });
  const withAccount = ({ key: _, ...guest }: Person): Person => ({ ...guest, version: 1, kind: 'person' });
  const known = { email, language: 'en' };

  it('is in no mail once the guest has an account', async () => {
    const book = addressBook(database.connection);
    const guest = guestOf();
    await book.know(guest);
    expect(await book.find(guest.id)).toEqual({ ...known, key: 'KEY' });
    await book.know(withAccount(guest));
    expect(await book.find(guest.id)).toEqual(known);
  });

  it('is in no mail if it arrives after the news that the guest has an account', async () => {
    const book = addressBook(database.connection);
    const guest = guestOf();
    await book.know(withAccount(guest));
    await book.know(guest);
    expect(await book.find(guest.id)).toEqual(known);
  });

  it('that an earlier release stored without the kind is used until auth announces that they have an account', async () => {
    const book = addressBook(database.connection);
    const { id, key: _, ...rest } = { ...guestOf(), version: 1 };
    const people = collectionOf<{ _id: string; [field: string]: unknown }>(database.connection, 'people');
    await people.insertOne({ _id: id, version: 1, email, language: 'en', key: 'KEY', keyVersion: 0 });
    expect(await book.find(id)).toEqual({ ...known, key: 'KEY' });
    await book.know({ ...rest, id });
    expect(await book.find(id)).toEqual({ ...known, key: 'KEY' });
    await book.know({ ...rest, id, kind: 'person' });
    expect(await book.find(id)).toEqual(known);
  });

  it('and its guest stay forgotten if what is known of them is announced again', async () => {
    const book = addressBook(database.connection);
    const guest = guestOf();
    await book.know(guest);
    await book.forget({ id: guest.id, version: 1 });
    for (const version of [0, 1]) await book.know({ ...guest, version });
    const people = collectionOf<{ _id: string }>(database.connection, 'people');
    expect(await people.findOne({ _id: guest.id })).toEqual({ _id: guest.id, version: 1, forgotten: true });
  });
});

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
