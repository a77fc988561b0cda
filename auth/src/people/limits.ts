import { createHmac } from 'node:crypto';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';

/** What stands for an address in identities: see `SignedInUser.limit`. */
export type LimitOf = (email: string) => Promise<string>;

interface StoredKey {
  _id: 'limits';
  key: string;
}

/**
 * A keyed hash, so that other services can tell addresses apart but cannot find out which they are. The key is made
 * once and kept in auth's database, beside the addresses themselves.
 */
export function createLimits(connection: Connection, randomBytes: (size: number) => Buffer): LimitOf {
  const keys = collectionOf<StoredKey>(connection, 'keys');
  let known: string | undefined;

  async function load(): Promise<string> {
    const fresh = { $setOnInsert: { key: randomBytes(32).toString('base64url') } };
    await keys.updateOne({ _id: 'limits' }, fresh, { upsert: true });
    const stored = await keys.findOne({ _id: 'limits' });
    if (!stored) throw new Error('the key for limits is gone');
    return stored.key;
  }

  return async (email) => {
    known ??= await load();
    return createHmac('sha256', known).update(email).digest('base64url').slice(0, 22);
  };
}
