import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';

/** Stripe resends unanswered events for three days, and allows resending them by hand for thirty. */
const keptForSeconds = 30 * 24 * 3_600;

interface StoredEvent extends mongo.Document {
  /** Stripe's id of the event, which stays the same however often it is sent. */
  _id: string;
  handledAt: Date;
}

/**
 * The handled Stripe events of the types that are listed again (see `isListed`). Failed ones are not recorded, so that
 * they count as new when resent.
 */
export interface KnownEvents {
  has(id: string): Promise<boolean>;
  /** Which of these have been handled. */
  among(ids: readonly string[]): Promise<ReadonlySet<string>>;
  add(id: string): Promise<void>;
  prepare(): Promise<void>;
}

export function knownEvents(connection: Connection, now: () => Date): KnownEvents {
  const documents = collectionOf<StoredEvent>(connection, 'webhook-events');
  return {
    async has(id) {
      return (await documents.findOne({ _id: id }, { projection: { _id: 1 } })) !== null;
    },

    async among(ids) {
      const found = await documents.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id));
    },

    async add(id) {
      await documents.insertOne({ _id: id, handledAt: now() }).catch((error: unknown) => {
        // The event arrived twice concurrently, and the other delivery was recorded first.
        if (!isDuplicateKey(error)) throw error;
      });
    },

    async prepare() {
      await documents.createIndex({ handledAt: 1 }, { expireAfterSeconds: keptForSeconds });
    },
  };
}
