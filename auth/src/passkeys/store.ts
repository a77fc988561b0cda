import type { Passkey } from '@box-office/common/contracts/auth';
import { Id } from '@box-office/common/contracts/primitives';
import { notFound } from '@box-office/common/problem';
import { collectionOf } from '@box-office/common/store/mongo';
import { readable } from '@box-office/common/store/unreadable';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Account } from '../people/account.ts';

const StoredPasskey = z.object({
  _id: Id,
  userId: Id,
  /** The era of the account that it was added in. Missing in passkeys of early releases. */
  era: z.int().nonnegative().default(0),
  /** As the authenticator calls it, base64url. */
  credentialId: z.string(),
  /** COSE, base64url. */
  publicKey: z.string(),
  counter: z.int().nonnegative(),
  transports: z.array(z.string()),
  /** The device that it was made with. */
  name: z.string(),
  createdAt: z.date(),
  usedAt: z.date(),
});
export type StoredPasskey = z.infer<typeof StoredPasskey>;

export const passkeyView = ({ _id: id, name, createdAt, usedAt }: StoredPasskey): Passkey => ({
  ...{ id, name },
  createdAt: createdAt.toISOString(),
  usedAt: usedAt.toISOString(),
});

type Owner = Pick<Account, 'id' | 'passkeysSince'>;

/** Whether it opens the account: not if it was added before the account's owner took it back from somebody else. */
export const opens = ({ era }: Pick<StoredPasskey, 'era'>, { passkeysSince }: Pick<Owner, 'passkeysSince'>): boolean =>
  era >= passkeysSince;

export interface PasskeyStore {
  prepare(): Promise<void>;
  /** @throws MongoServerError 11000 if the authenticator's key is known already */
  add(passkey: StoredPasskey): Promise<void>;
  /** Those that open the account, the newest first. */
  of(owner: Owner): Promise<StoredPasskey[]>;
  /** Whether it opens its account is not looked at. @throws UnreadableDocument */
  find(credentialId: string): Promise<StoredPasskey | null>;
  /** @returns whether it is still there */
  used(id: string, use: { counter: number; usedAt: Date }): Promise<boolean>;
  /** @throws Problem 404 `not-found` if the user has none such */
  remove(userId: string, id: string): Promise<void>;
  /** Removes one that was just added and must not stay. */
  discard(passkey: StoredPasskey): Promise<void>;
  /** Removes all of a user. */
  forget(userId: string): Promise<void>;
}

export function createPasskeyStore(connection: Connection): PasskeyStore {
  const passkeys = collectionOf<StoredPasskey>(connection, 'passkeys');
  return {
    async prepare() {
      await passkeys.createIndex({ credentialId: 1 }, { unique: true });
      await passkeys.createIndex({ userId: 1 });
    },
    async add(passkey) {
      await passkeys.insertOne(passkey);
    },
    async of(owner) {
      const found = await passkeys.find({ userId: owner.id }).sort({ createdAt: -1 }).toArray();
      return found
        .map((it) => readable(StoredPasskey, passkeys.collectionName, it))
        .filter((passkey) => opens(passkey, owner));
    },
    async find(credentialId) {
      const found = await passkeys.findOne({ credentialId });
      return found && readable(StoredPasskey, passkeys.collectionName, found);
    },
    async used(id, use) {
      const { matchedCount } = await passkeys.updateOne({ _id: id }, { $set: use });
      return matchedCount === 1;
    },
    async remove(userId, id) {
      const { deletedCount } = await passkeys.deleteOne({ _id: id, userId });
      if (deletedCount === 0) throw notFound();
    },
    async discard({ _id }) {
      await passkeys.deleteOne({ _id });
    },
    async forget(userId) {
      await passkeys.deleteMany({ userId });
    },
  };
}
