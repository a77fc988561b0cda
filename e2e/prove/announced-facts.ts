import { z } from 'zod';

/** What the checker needs to know of an announcement, besides its version. */
export interface Facts {
  readonly ticket?: TicketFacts;
  readonly order?: OrderFacts;
  readonly entry?: EntryFacts;
}

export interface TicketFacts {
  readonly state: string;
  /** The order that held the ticket when its seller changed it. */
  readonly orderId: string | null;
  /** The seller's own fields, compared as a whole. */
  readonly details: string;
}

export interface OrderFacts {
  readonly status: string;
  readonly userId: string;
  readonly showId?: string;
  readonly tickets: readonly OrderedTicketFacts[];
}

export interface OrderedTicketFacts {
  readonly id: string;
  readonly attempt: number;
  readonly kindId?: string;
  /** Its holder offers it to others. */
  readonly isOffered: boolean;
  /** It is this order's no longer, although the order stays complete. */
  readonly isEnded: boolean;
}

/** A place in a waiting list. */
export interface EntryFacts {
  readonly state: string;
  readonly userId: string;
  readonly kindId: string;
  readonly quantity: number;
  /** The order that was made for it. */
  readonly orderId?: string;
}

const SentTicketOfOrder = z.object({
  ...{ id: z.string(), attempt: z.number(), kindId: z.string().optional() },
  ...{ offeredAt: z.string().optional(), ended: z.string().optional() },
});

/** The fields that count here; an announcement without them is an invalid one, which some are on purpose. */
const Sent = {
  ticket: z.object({
    state: z.string(),
    orderId: z.string().nullish(),
    ...{ title: z.string(), price: z.number(), currency: z.string() },
    // Left out where there is none.
    ...{ venue: z.unknown().optional(), startsAt: z.unknown().optional(), timeZone: z.unknown().optional() },
  }),
  order: z.object({
    status: z.string(),
    userId: z.string(),
    showId: z.string().optional(),
    ticket: z.object({ id: z.string() }),
    attempt: z.number(),
    tickets: z.array(SentTicketOfOrder).optional(),
  }),
  entry: z.object({
    ...{ state: z.string(), userId: z.string(), kindId: z.string(), quantity: z.number() },
    orderId: z.string().optional(),
  }),
};

export function factsOf(type: string, data: unknown): Facts {
  if (type.startsWith('ticket.')) return ticketFacts(Sent.ticket.safeParse(data).data);
  if (type.startsWith('order.')) return orderFacts(Sent.order.safeParse(data).data);
  return type.startsWith('waiting.') ? entryFacts(Sent.entry.safeParse(data).data) : {};
}

/** The seller's fields of a ticket, without those that orders change. */
function ticketFacts(sent: z.infer<typeof Sent.ticket> | undefined): Facts {
  if (!sent) return {};
  const { state, orderId = null, title, price, currency, venue, startsAt, timeZone } = sent;
  return {
    ticket: { state, orderId, details: JSON.stringify([title, price, currency, venue, startsAt, timeZone]) },
  };
}

function orderFacts(sent: z.infer<typeof Sent.order> | undefined): Facts {
  if (!sent) return {};
  const { status, userId, showId, ticket, attempt } = sent;
  const tickets: z.infer<typeof SentTicketOfOrder>[] = sent.tickets ?? [{ id: ticket.id, attempt }];
  return {
    order: {
      status,
      userId,
      ...(showId === undefined ? {} : { showId }),
      tickets: tickets.map(({ kindId, offeredAt, ended, ...it }) => ({
        ...it,
        ...(kindId === undefined ? {} : { kindId }),
        isOffered: offeredAt !== undefined,
        isEnded: ended !== undefined,
      })),
    },
  };
}

function entryFacts(sent: z.infer<typeof Sent.entry> | undefined): Facts {
  if (!sent) return {};
  const { orderId, ...entry } = sent;
  return { entry: { ...entry, ...(orderId === undefined ? {} : { orderId }) } };
}
