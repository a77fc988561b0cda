import {
  type AggregateKind,
  type Aggregates,
  aggregates,
  type StoreOptions,
} from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { current, Entry, snapshot } from './entry.ts';
import { lookup } from './lookup.ts';

export type Entries = Aggregates<Entry>;

const kind: AggregateKind<Entry> = {
  collection: 'waiting',
  state: Entry,
  snapshot,
  current,
  lookup,
  indexes: [
    // One entry for each person and kind, and no more lines than one person may wait in.
    { keys: { slots: 1 }, unique: true, sparse: true },
    { keys: { line: 1 }, sparse: true },
    { keys: { want: 1 }, sparse: true },
    { keys: { trying: 1 }, sparse: true },
    { keys: { userId: 1, _id: -1 } },
    { keys: { by: 1, _id: -1 } },
  ],
};

export const entriesIn = (options: StoreOptions): Entries => aggregates(kind, options);

/**
 * Draws the numbers that lines are sorted by. The database counts, so it does not matter what the clocks of the
 * processes say: who asks after somebody else was answered gets a higher one.
 */
export type DrawNumber = (kindId: string) => Promise<number>;

/** The first number of a line is drawn once, so a second try usually is enough. */
const maxTries = 10;

export function numbersIn(connection: Connection): DrawNumber {
  const counters = collectionOf<{ _id: string; last: number }>(connection, 'waiting-numbers');

  /** Undefined if another drew the first number at the same moment: MongoDB refuses that, SecantusDB answers null. */
  async function draw(kindId: string): Promise<number | undefined> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    try {
      return (await counters.findOneAndUpdate({ _id: kindId }, { $inc: { last: 1 } }, options))?.last;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  return async (kindId) => {
    for (let tries = 1; tries <= maxTries; tries++) {
      const number = await draw(kindId);
      if (number !== undefined) return number;
    }
    throw new Error(`no number can be drawn for those who wait for ${kindId}`);
  };
}
