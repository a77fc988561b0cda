import type { User } from '@box-office/common/contracts/auth';
import { normalizedEmail } from '@box-office/common/contracts/email-address';
import { Id } from '@box-office/common/contracts/primitives';
import { problem } from '@box-office/common/problem';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import { readable } from '@box-office/common/store/unreadable';
import type { Connection } from 'mongoose';
import { z } from 'zod';

const StoredAccount = z.object({
  _id: Id,
  /** In the form of `normalizedEmail`: spelling an address differently does not open a second account. */
  email: z.string(),
  password: z.string(),
});
/** Nothing reads `createdAt`, so an account without it is as good as any other. */
type StoredAccount = z.infer<typeof StoredAccount> & { createdAt: Date };

export interface Account extends User {
  readonly password: string;
}

export interface Accounts {
  prepare(): Promise<void>;
  /** @throws UnreadableDocument. Answering null instead would refuse the right password as wrong */
  find(email: string): Promise<Account | null>;
  /** @throws Problem 409 `email-in-use`; of concurrent sign-ups the unique index lets one through */
  open(account: { id: string; email: string; password: string; createdAt: Date }): Promise<User>;
  /** Replaces the stored password if it is still `before`. */
  replacePassword(id: string, before: string, after: string): Promise<void>;
}

export function createAccounts(connection: Connection): Accounts {
  const accounts = collectionOf<StoredAccount>(connection, 'accounts');
  return {
    async prepare() {
      await accounts.createIndex({ email: 1 }, { unique: true });
    },
    async find(email) {
      const found = await accounts.findOne({ email: normalizedEmail(email) });
      if (!found) return null;
      const account = readable(StoredAccount, accounts.collectionName, found);
      return { id: account._id, email: account.email, password: account.password };
    },
    async open({ id, email, password, createdAt }) {
      const account = { _id: id, email: normalizedEmail(email), password, createdAt };
      await accounts.insertOne(account).catch((error: unknown) => {
        throw isDuplicateKey(error) ? problem('email-in-use', 'An account with this e-mail already exists.') : error;
      });
      return { id, email: account.email };
    },
    async replacePassword(id, before, after) {
      await accounts.updateOne({ _id: id, password: before }, { $set: { password: after } });
    },
  };
}
