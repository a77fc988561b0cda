import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import { type Books, openBooks } from './books.ts';

export let database: TestDatabase;
/** The books of all services, in one database. */
export let books: Books;

/** Opens the books for the tests of a file, and closes them afterwards. */
export function useBooks(): void {
  beforeAll(async () => {
    database = await testDatabase();
    const { url } = database;
    books = await openBooks({ tickets: url, orders: url, payments: url, stripeKey: 'sk_test_unused' });
  });

  afterAll(async () => {
    await books.close();
    await database.drop();
  });
}
