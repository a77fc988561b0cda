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

// biome-ignore lint/suspicious/noExplicitAny: any announcement, as it was sent
type Sent = any;

export function factsOf(type: string, data: Sent): Facts {
  if (type.startsWith('ticket.')) return { ticket: ticketFacts(data) };
  if (type.startsWith('order.')) return { order: orderFacts(data) };
  return type.startsWith('waiting.') ? { entry: entryFacts(data) } : {};
}

/** The seller's fields of a ticket, without those that orders change. */
function ticketFacts({ state, orderId, title, price, currency, venue, startsAt, timeZone }: Sent): TicketFacts {
  return {
    state: String(state),
    orderId: typeof orderId === 'string' ? orderId : null,
    details: JSON.stringify([title, price, currency, venue, startsAt, timeZone]),
  };
}

function orderFacts({ status, userId, showId, ticket, attempt, tickets = [{ ...ticket, attempt }] }: Sent): OrderFacts {
  return {
    status,
    userId,
    ...(showId === undefined ? {} : { showId }),
    tickets: tickets.map((it: Sent) => ({
      id: it.id,
      attempt: it.attempt,
      ...(it.kindId === undefined ? {} : { kindId: it.kindId }),
      isOffered: it.offeredAt !== undefined,
      isEnded: it.ended !== undefined,
    })),
  };
}

const entryFacts = ({ state, userId, kindId, quantity, orderId }: Sent): EntryFacts => ({
  ...{ state, userId, kindId, quantity },
  ...(orderId === undefined ? {} : { orderId }),
});
