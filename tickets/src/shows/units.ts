import { unitId } from '@box-office/common/derived-id';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import mongoose from 'mongoose';

/**
 * One ticket of a show. It is no aggregate: that it exists follows from the show, and who holds it is what orders have
 * announced last.
 */
export interface StoredUnit {
  _id: string;
  showId: string;
  kindId: string;
  /** From 1 within its kind. */
  number: number;
  state: 'free' | 'live' | 'sold' | 'removed';
}

/** The tickets of all shows. */
export interface Units {
  readonly documents: mongo.Collection<StoredUnit>;
  /** Makes the tickets with these numbers, unless they exist. */
  make(showId: string, kindId: string, numbers: readonly number[]): Promise<void>;
  /** How many nobody holds. */
  countFree(showId: string, kindId: string): Promise<number>;
  /** Those with a higher number that are not taken off sale, lowest first. */
  after(showId: string, kindId: string, number: number, limit: number): Promise<StoredUnit[]>;
  /** Creates the indexes; safe to repeat. */
  prepare(): Promise<void>;
}

export function unitStore(connection: Connection): Units {
  const documents = collectionOf<StoredUnit>(connection, 'units');
  return {
    documents,

    async make(showId, kindId, numbers) {
      const units = numbers.map((number) => ({
        _id: unitId(showId, kindId, number),
        ...{ showId, kindId, number, state: 'free' as const },
      }));
      await documents.insertMany(units, { ordered: false }).catch((error: unknown) => {
        if (!areTaken(error)) throw error;
      });
    },

    countFree: (showId, kindId) => documents.countDocuments({ showId, kindId, state: 'free' }),

    after: (showId, kindId, number, limit) =>
      documents
        .find({ showId, kindId, number: { $gt: number }, state: { $ne: 'removed' } })
        .sort({ number: 1 })
        .limit(limit)
        .maxTimeMS(5_000)
        .toArray(),

    async prepare() {
      await documents.createIndex({ showId: 1, kindId: 1, state: 1, number: 1 });
      await documents.createIndex({ showId: 1, kindId: 1, number: 1 });
    },
  };
}

/** Whether an insert of many failed only for those that exist. */
function areTaken(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return false;
  return [error.writeErrors].flat().every(({ code }) => code === 11000) && !error.result.getWriteConcernError();
}
