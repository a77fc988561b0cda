import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { shelfOf } from './lookup.ts';
import type { Order } from './order.ts';

/** What an order says about tickets of a show. */
export interface Holding {
  /** Whether it holds or has bought them; once it is cancelled, they are free for the next attempt. */
  readonly isHeld: boolean;
  readonly tickets: readonly { readonly kindId: string; readonly number: number; readonly attempt: number }[];
}

/** Reads who holds the tickets of shows, without the rest of the orders. */
export interface Holdings {
  /** All orders for the show that have changed since then, or all of them. */
  changedSince(showId: string, since: Date | null): AsyncIterable<Holding>;
  /** Which of these claims orders have, and whether the order still holds its tickets. */
  byClaim(claims: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}

const Read = z.object({
  status: z.string(),
  tickets: z.array(z.object({ kindId: z.string(), number: z.int(), attempt: z.int() })),
});

const projection = { status: 1, 'tickets.kindId': 1, 'tickets.number': 1, 'tickets.attempt': 1 };

/** The indexes of orders that this reads by are in `service`. An order that cannot be read is left out. */
export function holdingsIn(connection: Connection): Holdings {
  const documents = collectionOf(connection, 'orders');
  return {
    async *changedSince(showId, since) {
      const from = shelfOf(showId, since?.toISOString() ?? '');
      const found = documents.find({ shelf: { $gte: from, $lt: shelfOf(showId, '~') } }, { projection });
      for await (const document of found) {
        const { data } = Read.safeParse(document);
        if (data) yield holding(data);
      }
    },

    async byClaim(claims) {
      const filter = { claims: { $in: [...claims] } };
      const found = await documents.find(filter, { projection: { status: 1, claims: 1 } }).toArray();
      // Parsed no further: an order that cannot be read keeps its tickets from being sold again all the same.
      return new Map(
        found.flatMap(({ status, claims: taken }) =>
          claims.filter((claim) => taken.includes(claim)).map((claim) => [claim, status !== 'cancelled'] as const),
        ),
      );
    },
  };
}

const holding = ({ status, tickets }: z.infer<typeof Read>): Holding => ({ isHeld: status !== 'cancelled', tickets });

/** What an order of this process says. */
export const holdingOf = ({ status, tickets }: Order): Holding => ({
  isHeld: status !== 'cancelled',
  tickets: (tickets ?? []).flatMap(({ kindId, number, attempt }) =>
    kindId === null || number === null ? [] : [{ kindId, number, attempt }],
  ),
});
