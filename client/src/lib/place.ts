import type { Order } from '@box-office/common/contracts/orders';
import type { Show } from '@box-office/common/contracts/shows';
import type { Ticket } from '@box-office/common/contracts/tickets';

/** Where and when something takes place. */
export interface Place {
  readonly venue: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly timeZone: string | undefined;
}

/** What was ordered, as far as its place is concerned. */
export type Placed =
  | Pick<Show, 'venue' | 'startsAt' | 'endsAt' | 'timeZone'>
  | Pick<Ticket, 'venue' | 'startsAt' | 'timeZone'>;

/**
 * Where and when what was ordered takes place now: a show may have been moved since. `found` is the show or the ticket,
 * or null if it is unavailable; then it is what the order says.
 */
export function placeOfOrder({ ticket }: Pick<Order, 'ticket'>, found: Placed | null): Place {
  const { venue = null, startsAt = null, timeZone } = found ?? ticket;
  return {
    venue: typeof venue === 'string' ? venue : (venue?.name ?? null),
    startsAt,
    endsAt: (found && 'endsAt' in found && found.endsAt) || null,
    timeZone,
  };
}

/** The shows that these orders are for, each once. */
export const showsOf = (orders: readonly Pick<Order, 'showId'>[]): string[] => [
  ...new Set(orders.flatMap(({ showId }) => showId ?? [])),
];
