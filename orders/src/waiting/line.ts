import { lastPosition } from '@box-office/common/contracts/waiting';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import type { Entry } from './entry.ts';
import { afterLineOf, before, inLine, wanting } from './lookup.ts';
import type { Entries } from './store.ts';

/** Somebody who may wait: see `countedBy`. */
export interface Waiter {
  readonly userId: string;
  readonly by: string;
}

/** Reads the lines. Each kind of tickets has one. */
export interface Lines {
  /** One entry of each line in which somebody waits. */
  each(): AsyncIterable<Entry>;
  /** The first in line of those who want at most so many, apart from these. */
  next(kindId: string, most: number, passed: ReadonlySet<string>): Promise<Entry | null>;
  /** The first so many in line. */
  first(kindId: string, count: number): Promise<readonly Entry[]>;
  /** Whether anybody waits, and how many tickets those want who want the fewest, apart from this person. */
  others(kindId: string, person: Waiter): Promise<{ readonly isEmpty: boolean; readonly fewest: number | null }>;
  /** From 1, and no more than `lastPosition`. */
  positionOf(entry: Entry): Promise<number>;
}

export function linesOf(entries: Pick<Entries, 'query'>, connection: Connection): Lines {
  const documents = collectionOf(connection, 'waiting');
  const byWant = { want: 1 } as const;

  return {
    async *each() {
      for (let after: string | null = null; ; ) {
        const [entry]: Entry[] = await entries.query(afterLineOf(after), { sort: byWant, limit: 1 });
        if (!entry) return;
        yield entry;
        after = entry.kindId;
      }
    },

    async next(kindId, most, passed) {
      let next: Entry | null = null;
      // Those who want the same number are sorted by who came first, so reading the first of each number is enough,
      // however many wait.
      for (let least = 1; least <= most; ) {
        const filter = { ...wanting(kindId, least, most), ...(passed.size > 0 && { _id: { $nin: [...passed] } }) };
        const [entry] = await entries.query(filter, { sort: byWant, limit: 1 });
        if (!entry) break;
        if (!next || entry.number < next.number) next = entry;
        least = entry.quantity + 1;
      }
      return next;
    },

    first: (kindId, count) => entries.query(inLine(kindId), { sort: { line: 1 }, limit: count }),

    async others(kindId, { userId, by }) {
      // A person waits only once for a kind, so one of two is somebody else.
      const found = await entries.query(wanting(kindId, 1, 99), { sort: byWant, limit: 2 });
      const other = found.find((entry) => entry.userId !== userId && entry.by !== by);
      return { isEmpty: found.length === 0, fewest: other?.quantity ?? null };
    },

    async positionOf(entry) {
      return 1 + (await documents.countDocuments(before(entry), { limit: lastPosition - 1 }));
    },
  };
}
