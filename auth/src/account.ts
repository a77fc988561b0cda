import { NewAccount, type User } from '@box-office/common/contracts/auth';
import { problem } from '@box-office/common/problem';
import { isDuplicateKey } from '@box-office/common/store/aggregates';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { z } from 'zod';

interface StoredAccount {
  _id: string;
  /** As `normalized` makes it: one person has one account, however they write their address. */
  email: string;
  password: string;
  createdAt: Date;
}

export interface Account extends User {
  readonly password: string;
}

export interface Accounts {
  prepare(): Promise<void>;
  find(email: string): Promise<Account | null>;
  /** @throws Problem 409 `email-in-use`, also when two come at once: the index decides */
  open(account: { id: string; email: string; password: string; createdAt: Date }): Promise<User>;
  /** Replaces the stored password if it is still `before`. */
  replacePassword(id: string, before: string, after: string): Promise<void>;
}

/** E-mail addresses are compared without case and surrounding blanks. */
export const normalized = (email: string): string => email.trim().toLowerCase();

/** What somebody writes who signs up. Blanks around an address are no reason to refuse it. */
export const SignUp = NewAccount.extend({ email: z.string().transform(normalized).pipe(NewAccount.shape.email) });

export function createAccounts(connection: Connection): Accounts {
  const accounts = collectionOf<StoredAccount>(connection, 'accounts');
  return {
    async prepare() {
      await accounts.createIndex({ email: 1 }, { unique: true });
    },
    async find(email) {
      const found = await accounts.findOne({ email: normalized(email) });
      return found && { id: found._id, email: found.email, password: found.password };
    },
    async open({ id, email, password, createdAt }) {
      const account = { _id: id, email: normalized(email), password, createdAt };
      await accounts.insertOne(account).catch((error: unknown) => {
        throw isDuplicateKey(error) ? problem('email-in-use', 'There is an account with this e-mail already.') : error;
      });
      return { id, email: account.email };
    },
    async replacePassword(id, before, after) {
      await accounts.updateOne({ _id: id, password: before }, { $set: { password: after } });
    },
  };
}
