import { type Repeating, repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import { collectionOf } from '@box-office/common/store/mongo';
import { soldKey } from './lookup.ts';

/**
 * One look reads all complete orders. So there is one at the start, and one an hour later, which finds what processes
 * of the release before have completed until they were replaced.
 */
const everyMs = 3_600_000;
const looks = 2;
const batch = 500;

interface Stored {
  readonly _id: string;
  readonly sellerId: string;
  readonly showId: string;
  readonly status: string;
  readonly sold?: string;
}

/**
 * Adds the field that sellers list their orders by to those that were completed by a release that did not write it.
 * Safe to repeat and to run concurrently: the field follows from facts that do not change once an order is complete.
 */
export function fillInSold({ connection, logger }: Pick<BaseParts, 'connection' | 'logger'>): Repeating {
  const documents = collectionOf<Stored>(connection, 'orders');
  let left = looks;
  return repeat({ name: 'filling in of sold orders', everyMs, logger, atOnce: true }, async (signal) => {
    if (left === 0) return;
    const of = { status: 'complete', showId: { $type: 'string' as const }, sellerId: { $type: 'string' as const } };
    const filter = { ...of, sold: { $exists: false } };
    let keys = new Map<string, string>();
    const write = async () => {
      const updates = [...keys].map(([id, sold]) => ({
        updateOne: { filter: { _id: id, ...filter }, update: { $set: { sold } } },
      }));
      keys = new Map();
      if (updates.length > 0) await documents.bulkWrite(updates, { ordered: false });
    };
    for await (const { _id, sellerId, showId } of documents.find(filter, { projection: { sellerId: 1, showId: 1 } })) {
      if (signal.aborted) break;
      keys.set(_id, soldKey({ id: _id, sellerId, showId }));
      if (keys.size >= batch) await write();
    }
    await write();
    left--;
  });
}
