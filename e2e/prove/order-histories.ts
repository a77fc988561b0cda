import type { OrderedTicketFacts, OrderFacts } from './announced-facts.ts';
import type { Announcement } from './observer.ts';

/** An order as it was from one announcement to the next. */
export interface Stay {
  readonly orderId: string;
  readonly order: OrderFacts;
  /** When it began, or before, ms since 1970. */
  readonly fromMs: number;
  /** When it had certainly begun. */
  readonly knownMs: number;
  /** When it ended, or before. Infinity if nothing was announced after it. */
  readonly untilMs: number;
}

/**
 * The history of each order, by its id: every version from the first to the last. Orders of which one was not seen are
 * left out, because a lost stream may have taken it.
 */
export function orderHistories(announcements: readonly Announcement[]): Map<string, readonly Stay[]> {
  const versions = Map.groupBy(
    announcements.flatMap((it) => (it.order ? [{ ...it, order: it.order }] : [])),
    ({ id }) => id,
  );
  const histories = new Map<string, readonly Stay[]>();
  for (const [orderId, some] of versions) {
    // An order that is completed and refunded at once announces one version twice.
    const sorted = [...new Map(some.map((it) => [it.version, it])).values()].toSorted((a, b) => a.version - b.version);
    if (sorted.some(({ version }, place) => version !== place)) continue;
    const stays = sorted.map(({ order, timeMs, storedMs }, place) => ({
      orderId,
      order,
      fromMs: timeMs,
      knownMs: storedMs,
      untilMs: sorted[place + 1]?.timeMs ?? Number.POSITIVE_INFINITY,
    }));
    histories.set(orderId, stays);
  }
  return histories;
}

/** That an order has taken a ticket, at this attempt. */
export interface Claim {
  readonly orderId: string;
  readonly ticketId: string;
  readonly attempt: number;
  readonly atMs: number;
}

/**
 * All claims, in the order of the attempts, by the id of the ticket. Who takes back what was on offer, or keeps it
 * because its buyer did not pay, claims it again.
 */
export function claimsByTicket(histories: ReadonlyMap<string, readonly Stay[]>): Map<string, readonly Claim[]> {
  const claims: Claim[] = [];
  for (const [orderId, stays] of histories) {
    const known = new Set<string>();
    for (const { order, fromMs } of stays) {
      for (const { id, attempt } of order.tickets) {
        if (known.has(`${id}:${attempt}`)) continue;
        known.add(`${id}:${attempt}`);
        claims.push({ orderId, ticketId: id, attempt, atMs: fromMs });
      }
    }
  }
  const byTicket = Map.groupBy(claims, ({ ticketId }) => ticketId);
  return new Map([...byTicket].map(([id, some]) => [id, some.toSorted((a, b) => a.attempt - b.attempt)]));
}

const ticketIn = ({ order }: Stay, ticketId: string): OrderedTicketFacts | undefined =>
  order.tickets.find(({ id }) => id === ticketId);

/** Whether somebody has the ticket by this order: it was not cancelled, and the ticket has not ended. */
export const holds = (stay: Stay, ticketId: string): boolean =>
  stay.order.status !== 'cancelled' && ticketIn(stay, ticketId)?.isEnded === false;

/** Whether others may take the ticket from this order. */
export const isFree = (stay: Stay, ticketId: string): boolean =>
  !holds(stay, ticketId) || (stay.order.status === 'complete' && ticketIn(stay, ticketId)?.isOffered === true);
