import { allTicketsOf } from './ended.ts';
import type { Order } from './order.ts';
import { liveSlot, personSlot, todaySlot } from './places.ts';
import { isUnsettled, retried } from './resale/resale.ts';

/** Fields that an order is found by, and that unique indexes keep from being taken twice: see `service`. */
export interface Lookup {
  /**
   * Each ticket with each of the order's attempts at it: of two orders with the same one the database refuses one as a
   * whole, however many tickets they have.
   */
  readonly claims: readonly string[];
  readonly slots: readonly string[] | undefined;
  readonly shelf: string | undefined;
  readonly sold: string | undefined;
  /**
   * When to settle it with those who had its tickets before: see `Resales`. While it is live, its deadline, because
   * it may be ended by a process of a release that does not write this field, and a live one needs no look before.
   */
  readonly unsettled: string | undefined;
}

export const lookup = (order: Order, changedAt: Date): Lookup => ({
  claims: allTicketsOf(order).flatMap(({ id, attempt, earlier }) =>
    [...earlier, attempt].map((it) => claimOf({ id, attempt: it })),
  ),
  slots: slotsOf(order),
  shelf: order.showId === null ? undefined : shelfOf(order.showId, changedAt.toISOString()),
  sold: soldOf(order),
  unsettled: unsettledSince(order, changedAt),
});

function unsettledSince(order: Order, changedAt: Date): string | undefined {
  if (isUnsettled(order)) return changedAt.toISOString();
  return isLive(order) && retried(order).length > 0 ? order.expiresAt : undefined;
}

const isLive = ({ status }: Order): boolean => status === 'created' || status === 'awaiting:payment';

export const claimOf = ({ id, attempt }: { readonly id: string; readonly attempt: number }): string =>
  `${id}:${attempt}`;

export function attemptIn(claim: string): { id: string; attempt: number } {
  const at = claim.lastIndexOf(':');
  return { id: claim.slice(0, at), attempt: Number(claim.slice(at + 1)) };
}

/** Sorts the orders of a show by their last change; the index contains no other orders. */
export const shelfOf = (showId: string, changedAt: string): string => `${showId} ${changedAt}`;

/** Sorts the complete orders of a show; the index contains no other orders. */
export const soldKey = ({ sellerId, showId, id }: { sellerId: string; showId: string; id: string }): string =>
  `${sellerId} ${showId} ${id}`;

const soldOf = ({ sellerId, showId, id, status }: Order): string | undefined =>
  sellerId && showId && status === 'complete' ? soldKey({ sellerId, showId, id }) : undefined;

/** The slots that an order takes at present; undefined if it takes none. */
export function slotsOf({ places, status, reason, userId, showId, ticketId, tickets }: Order): string[] | undefined {
  if (!places) return undefined;
  const of = showId ?? ticketId;
  const { by = userId, person, live, today } = places;
  const slots: string[] = [];
  if (status !== 'cancelled') {
    // One for each ticket, in the same order.
    const theirs = person.filter((_, index) => !tickets?.[index]?.ended);
    slots.push(...theirs.map((number) => personSlot(of, by, number)));
  }
  if (live !== null && (status === 'created' || status === 'awaiting:payment')) slots.push(liveSlot(by, live));
  // Kept by a cancelled order, unless that was not the buyer's doing.
  if (today !== null && status !== 'complete' && reason !== 'withdrawn') {
    slots.push(todaySlot(of, by, today.day, today.number));
  }
  return slots.length === 0 ? undefined : slots;
}
