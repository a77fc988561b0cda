import { normalizedEmail } from '@box-office/common/contracts/email-address';
import { PersonForgotten, PersonKnown } from '@box-office/common/contracts/people';
import { mostGuests } from '@box-office/common/http/identity';
import { type Aggregates, aggregates, type StoreOptions } from '@box-office/common/store/aggregates';
import { collectionOf } from '@box-office/common/store/mongo';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { Account, hashOf, snapshot } from './account.ts';

export interface Accounts extends Aggregates<Account> {
  /**
   * The person with this address, in any spelling.
   *
   * @throws UnreadableDocument. Answering null instead would refuse the right password as wrong
   */
  personOf(email: string): Promise<Account | null>;
  /** The guest who gave this address last. */
  guestAt(email: string): Promise<Account | null>;
  /** The guest in whose mails this key is. */
  guestWith(key: string, now: Date): Promise<Account | null>;
  /** The guests who were last here before `since`. */
  guestsNotUsedSince(since: Date): AsyncGenerator<Account, void, undefined>;
  /** Some of the deleted accounts of which something may still be stored. */
  withLeftovers(): Promise<Account[]>;
  /**
   * The guests whose address somebody has proved: as many as an identity names, the oldest of them, so that nobody who
   * gives the address later displaces what was bought before.
   */
  guestsOf(account: Account): Promise<string[]>;
}

/**
 * Everybody auth knows. A unique index on `personOf` gives an address to one person; guests may share it.
 */
export function createAccounts(options: StoreOptions): Accounts {
  const accounts = aggregates<Account>(
    {
      collection: 'accounts',
      state: Account,
      snapshot,
      // The address book, for mail that has lost it or has never heard of accounts of early releases.
      current: ({ forgottenAt }) => [forgottenAt === null ? PersonKnown : PersonForgotten],
      lookup: ({ kind, email, keys, usedAt, forgottenAt, leftovers }) => ({
        personOf: kind === 'person' && forgottenAt === null ? email : undefined,
        guestUsedAt: usedAt ?? undefined,
        hasLeftovers: leftovers || undefined,
        keyOf: keys.length > 0 ? keys.map(({ hash }) => hash) : undefined,
      }),
      indexes: [
        { keys: { personOf: 1 }, unique: true, sparse: true },
        { keys: { email: 1, createdAt: -1 } },
        { keys: { keyOf: 1 }, sparse: true },
        { keys: { guestUsedAt: 1 }, sparse: true },
        { keys: { hasLeftovers: 1 }, sparse: true },
      ],
    },
    options,
  );
  return {
    ...accounts,
    personOf: (email) => accounts.findOne({ personOf: normalizedEmail(email) }),
    guestAt: (email) => accounts.findOne({ email: normalizedEmail(email), kind: 'guest' }, { createdAt: -1 }),
    async guestWith(key, now) {
      const hash = hashOf(key);
      const guest = await accounts.findOne({ keyOf: hash });
      return guest?.keys.some((it) => it.hash === hash && it.expiresAt > now) ? guest : null;
    },
    withLeftovers: () => accounts.query({ hasLeftovers: true }, { limit: readAtOnce }),
    guestsNotUsedSince: (since) => accounts.each({ guestUsedAt: { $lt: since } }),
    async guestsOf({ id: own, email, verifiedAt }) {
      if (verifiedAt === null) return [];
      const guests = await accounts.query({ email, kind: 'guest' }, { sort: { createdAt: 1 }, limit: mostGuests });
      return guests.flatMap(({ id }) => (id === own ? [] : id));
    },
    async prepare() {
      await adoptEarlierAccounts(options.connection);
      await accounts.prepare();
    },
  };
}

const readAtOnce = 100;

/** MongoDB's NamespaceNotFound and IndexNotFound. */
const nothingThere = [26, 27];

/**
 * In early releases only people had an account, and nothing was announced; later ones did not note when guests came,
 * nor whether a deletion was finished.
 */
async function adoptEarlierAccounts(connection: Connection): Promise<void> {
  const documents = collectionOf<mongo.Document>(connection, 'accounts');
  // It was unique, and guests share an address.
  await documents.dropIndex('email_1').catch((error: unknown) => {
    if (!(error instanceof mongoose.mongo.MongoServerError && nothingThere.includes(Number(error.code)))) throw error;
  });
  await documents.updateMany({ version: null }, [
    {
      $set: {
        ...{ kind: 'person', personOf: '$email', name: null, language: 'en', verifiedAt: null },
        ...{ keys: [], version: 0, outbox: [] },
      },
    },
  ]);
  const unnoted = { kind: 'guest', usedAt: null, forgottenAt: null };
  const firstSeen = { $ifNull: ['$createdAt', '$$NOW'] };
  await documents.updateMany(unnoted, [{ $set: { usedAt: firstSeen, guestUsedAt: firstSeen } }]);
  await documents.updateMany(
    { forgottenAt: { $ne: null }, leftovers: null },
    { $set: { leftovers: true, hasLeftovers: true } },
  );
}
