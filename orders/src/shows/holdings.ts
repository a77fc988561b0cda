import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';
import { attemptIn, shelfOf } from '../lookup.ts';
import { isOffered, keeps, type Order, StoredTicket } from '../order.ts';

/** What an order says about a ticket: its last attempt at it, and whether that keeps the ticket from the next one. */
export interface Held {
  readonly attempt: number;
  readonly isHeld: boolean;
  /** Whether somebody has it and offers it: it is drawn only if no unsold ones are left. */
  readonly isOffered: boolean;
}

/** What an order says about tickets of a show. */
export interface Holding {
  readonly tickets: readonly (Held & { readonly kindId: string; readonly number: number })[];
}

/** Reads who holds the tickets of shows, without the rest of the orders. */
export interface Holdings {
  /** All orders for the show that have changed since then, or all of them. */
  changedSince(showId: string, since: Date | null): AsyncIterable<Holding>;
  /** Which of these claims orders have, and what the order says about the ticket now. */
  byClaim(claims: readonly string[]): Promise<ReadonlyMap<string, Held>>;
}

const Read = z.object({
  status: z.string(),
  tickets: z.array(
    StoredTicket.pick({ id: true, attempt: true, offeredAt: true, ended: true }).extend({
      kindId: z.string(),
      number: z.int(),
    }),
  ),
});

const fields = ['id', 'attempt', 'offeredAt', 'ended', 'kindId', 'number'];
const projection = { status: 1, ...Object.fromEntries(fields.map((field) => [`tickets.${field}`, 1])) };

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
      const found = await documents.find(filter, { projection: { ...projection, claims: 1 } }).toArray();
      return new Map(
        found.flatMap((document) =>
          claims
            .filter((claim) => document.claims.includes(claim))
            .map((claim) => [claim, heldBy(document, claim)] as const),
        ),
      );
    },
  };
}

const heldIn = (status: string, ticket: Pick<StoredTicket, 'offeredAt' | 'ended'>): Omit<Held, 'attempt'> => ({
  isHeld: keeps(status, ticket),
  isOffered: isOffered(status, ticket),
});

const holding = ({ status, tickets }: z.infer<typeof Read>): Holding => ({
  tickets: tickets.map(({ kindId, number, attempt, ...ticket }) => ({
    ...{ kindId, number, attempt, ...heldIn(status, ticket) },
  })),
});

/** What a document with this claim says. One that cannot be read keeps its tickets from being sold all the same. */
function heldBy(document: mongo.Document, claim: string): Held {
  const { id, attempt } = attemptIn(claim);
  const { data } = Read.safeParse(document);
  const ticket = data?.tickets.find((it) => it.id === id);
  if (!data || !ticket) return { attempt, isHeld: document.status !== 'cancelled', isOffered: false };
  return { attempt: ticket.attempt, ...heldIn(data.status, ticket) };
}

/** What an order of this process says. */
export const holdingOf = ({ status, tickets }: Order): Holding => ({
  tickets: (tickets ?? []).flatMap((ticket) => {
    const { kindId, number, attempt } = ticket;
    return kindId === null || number === null ? [] : [{ kindId, number, attempt, ...heldIn(status, ticket) }];
  }),
});
