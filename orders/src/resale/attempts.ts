import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { claimOf } from '../lookup.ts';

/** An attempt at a ticket. */
export interface Attempt {
  readonly id: string;
  readonly attempt: number;
}

/** Reads who else has had tickets, from the index of claims. An order that cannot be read counts as well. */
export interface Attempts {
  /**
   * The last attempt at a ticket, if all after this one were cancelled; null if somebody has it. Leaves out this order.
   */
  lastAfter(attempt: Attempt, exceptOrder: string): Promise<number | null>;
  /** The complete orders that have had one of these tickets at an earlier attempt, by their ids; not this order. */
  holdersBefore(attempts: readonly Attempt[], exceptOrder: string): Promise<string[]>;
}

/** How many claims are looked for at a time. */
const [claimsAhead, claimsBehind] = [20, 500];

export function attemptsIn(connection: Connection): Attempts {
  const documents = collectionOf(connection, 'orders');

  return {
    async lastAfter({ id, attempt }, exceptOrder) {
      for (let last = attempt; ; ) {
        const asked = Array.from({ length: claimsAhead }, (_, index) => claimOf({ id, attempt: last + 1 + index }));
        const found = await documents
          .find({ claims: { $in: asked } }, { projection: { status: 1, claims: 1 } })
          .toArray();
        if (found.some((it) => String(it._id) !== exceptOrder && it.status !== 'cancelled')) return null;
        const taken = asked.findLastIndex((claim) => found.some(({ claims }) => claims.includes(claim)));
        last += taken + 1;
        if (taken < asked.length - 1) return last;
      }
    },

    async holdersBefore(attempts, exceptOrder) {
      const claims = attempts.flatMap(({ id, attempt }) =>
        Array.from({ length: attempt - 1 }, (_, index) => claimOf({ id, attempt: index + 1 })),
      );
      const holders = new Set<string>();
      for (let from = 0; from < claims.length; from += claimsBehind) {
        // Not filtered by status as well, so that no database prefers the index of that.
        const filter = { claims: { $in: claims.slice(from, from + claimsBehind) } };
        const found = await documents.find(filter, { projection: { status: 1 } }).toArray();
        for (const { _id, status } of found) {
          if (status === 'complete' && String(_id) !== exceptOrder) holders.add(String(_id));
        }
      }
      return [...holders];
    },
  };
}
