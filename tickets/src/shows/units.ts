import type { Order } from '@box-office/common/contracts/orders';
import type { NumberRange } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import mongoose from 'mongoose';
import { following } from './holds.ts';
import type { StoredUnit, UnitState } from './unit.ts';

/** How many numbers are looked at together. */
const window = 1_000;
/** How many are looked at first where one is enough. */
const firstRange = 100;

/**
 * The tickets of all shows. Filters are equalities with at most one range, in the order of an index, because SecantusDB
 * reads the whole collection for others, and everything in the range even if there is a limit.
 */
export interface Units {
  readonly documents: mongo.Collection<StoredUnit>;
  /** Makes the tickets with these numbers, unless they exist. */
  make(showId: string, kindId: string, numbers: readonly number[]): Promise<void>;
  /** Takes over what an order has announced, at this time. A repeated or late event changes nothing. */
  follow(order: Order, at: string): Promise<void>;
  /** Marks those that nobody holds as removed, and the others as clashes. */
  takeOffSale(showId: string, kindId: string, ranges: readonly NumberRange[]): Promise<void>;
  putBack(showId: string, kindId: string, ranges: readonly NumberRange[]): Promise<void>;
  /** The highest numbers that nobody holds. */
  lastFree(kind: { readonly id: string; readonly made: number }, showId: string, limit: number): Promise<number[]>;
  clashes(limit: number): Promise<StoredUnit[]>;
  settleClashes(showId: string, kindId: string, ranges: readonly NumberRange[]): Promise<void>;
  /** How many are in one of these states. */
  count(showId: string, kindId: string, states: readonly UnitState[]): Promise<number>;
  /** Whether one that exists is in one of these states. */
  has(
    showId: string,
    kind: { readonly id: string; readonly made: number },
    states: readonly UnitState[],
  ): Promise<boolean>;
  /** All tickets of a kind, in parts. */
  each(
    showId: string,
    kind: { readonly id: string; readonly made: number },
  ): AsyncGenerator<StoredUnit[], void, undefined>;
  /** Those with a number above `after`, up to `last`, lowest first. */
  between(showId: string, kindId: string, after: number, last: number): Promise<StoredUnit[]>;
  /** Creates the indexes; safe to repeat. */
  prepare(): Promise<void>;
}

export function unitStore(connection: Connection): Units {
  const documents = collectionOf<StoredUnit>(connection, 'units');

  const between = (showId: string, kindId: string, after: number, last: number): Promise<StoredUnit[]> =>
    documents
      .find({ showId, kindId, number: { $gt: after, $lte: last } })
      .sort({ number: 1 })
      .maxTimeMS(5_000)
      .toArray();

  async function update(
    showId: string,
    kindId: string,
    ranges: readonly NumberRange[],
    filter: mongo.Filter<StoredUnit>,
    change: mongo.UpdateFilter<StoredUnit>,
  ): Promise<void> {
    // By ranges rather than ids, because the index serves each with one look.
    const updates = ranges.map(({ first, last }) => ({
      updateMany: { filter: { showId, kindId, number: { $gte: first, $lte: last }, ...filter }, update: change },
    }));
    if (updates.length > 0) await documents.bulkWrite(updates, { ordered: false });
  }

  return {
    documents,

    async make(showId, kindId, numbers) {
      const units = numbers.map((number) => ({
        _id: unitId(showId, kindId, number),
        ...{ showId, kindId, number, state: 'free' as const, heard: 0, hold: null },
      }));
      await documents.insertMany(units, { ordered: false }).catch(async (error: unknown) => {
        if (!areTaken(error)) throw error;
        // Taken may be by a write that another process has not finished, and that goes if the database dies now.
        const number = { $gte: Math.min(...numbers), $lte: Math.max(...numbers) };
        const there = await documents.countDocuments({ showId, kindId, number });
        if (there < numbers.length) throw new Error('another process is making these tickets', { cause: error });
      });
    },

    async follow(order, at) {
      const { usual, removed, resold } = following(order, at);
      const { matchedCount } = await documents.bulkWrite([...usual], { ordered: true });
      if (matchedCount < removed.length) {
        const { matchedCount: ofRemoved } = await documents.bulkWrite([...removed]);
        // One that was put back between the two matched neither. A hold usually matches nothing, and may be missed:
        // what becomes of the order is still to come.
        const isDecided = order.status === 'complete' || order.status === 'cancelled';
        const isMissed = matchedCount + ofRemoved < removed.length;
        if (isDecided && isMissed) await documents.bulkWrite([...usual], { ordered: true });
      }
      if (resold.length > 0) await documents.bulkWrite([...resold], { ordered: false });
    },

    async takeOffSale(showId, kindId, ranges) {
      await update(showId, kindId, ranges, { state: 'free' }, { $set: { state: 'removed' } });
      await update(showId, kindId, ranges, { state: { $in: ['live', 'sold', 'offered'] } }, { $set: { clash: true } });
    },

    putBack: (showId, kindId, ranges) =>
      update(showId, kindId, ranges, { state: 'removed' }, { $set: { state: 'free' } }),

    async lastFree({ id, made }, showId, limit) {
      const numbers: number[] = [];
      for (let last = made; last > 0 && numbers.length < limit; last -= window) {
        const units = await between(showId, id, last - window, last);
        const free = units.filter(({ state }) => state === 'free').map(({ number }) => number);
        numbers.push(...free.reverse());
      }
      return numbers.slice(0, limit);
    },

    clashes: (limit) => documents.find({ clash: true }).limit(limit).toArray(),

    settleClashes: (showId, kindId, ranges) =>
      update(showId, kindId, ranges, { clash: true }, { $unset: { clash: '' } }),

    async count(showId, kindId, states) {
      const counted = states.map((state) => documents.countDocuments({ showId, kindId, state }));
      return (await Promise.all(counted)).reduce((sum, count) => sum + count, 0);
    },

    async has(showId, { id: kindId, made }, states) {
      for (const state of states) {
        let after = 0;
        // In growing ranges, because one ticket is usually found among the first.
        for (let size = firstRange; after < made; size *= 8) {
          const number = { $gt: after, $lte: Math.min(after + size, made) };
          if (await documents.findOne({ showId, kindId, state, number }, { maxTimeMS: 5_000 })) return true;
          after += size;
        }
      }
      return false;
    },

    between,

    async *each(showId, { id, made }) {
      for (let after = 0; after < made; after += window) yield await between(showId, id, after, after + window);
    },

    async prepare() {
      await documents.createIndex({ showId: 1, kindId: 1, state: 1, number: 1 });
      await documents.createIndex({ showId: 1, kindId: 1, number: 1 });
      await documents.createIndex({ clash: 1 }, { sparse: true });
    },
  };
}

/** Whether an insert of many failed only for those that exist. */
function areTaken(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return false;
  return [error.writeErrors].flat().every(({ code }) => code === 11000) && !error.result.getWriteConcernError();
}
