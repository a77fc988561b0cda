import type { Order } from './order.ts';
import { liveSlot, personSlot, todaySlot } from './places.ts';

/** Fields that an order is found by, and that unique indexes keep from being taken twice: see `service`. */
export interface Lookup {
  /**
   * Each ticket with the attempt at it: of two orders with the same one the database refuses one as a whole, however
   * many tickets they have.
   */
  readonly claims: readonly string[];
  readonly slots: readonly string[] | undefined;
  readonly shelf: string | undefined;
  readonly sold: string | undefined;
}

export const lookup = (order: Order, changedAt: Date): Lookup => ({
  claims: (order.tickets ?? [{ id: order.ticketId, attempt: order.attempt }]).map(claimOf),
  slots: slotsOf(order),
  shelf: order.showId === null ? undefined : shelfOf(order.showId, changedAt.toISOString()),
  sold: soldOf(order),
});

export const claimOf = ({ id, attempt }: { readonly id: string; readonly attempt: number }): string =>
  `${id}:${attempt}`;

/** Sorts the orders of a show by their last change; the index contains no other orders. */
export const shelfOf = (showId: string, changedAt: string): string => `${showId} ${changedAt}`;

/** Sorts the complete orders of a show; the index contains no other orders. */
export const soldKey = ({ sellerId, showId, id }: { sellerId: string; showId: string; id: string }): string =>
  `${sellerId} ${showId} ${id}`;

const soldOf = ({ sellerId, showId, id, status }: Order): string | undefined =>
  sellerId && showId && status === 'complete' ? soldKey({ sellerId, showId, id }) : undefined;

/** The slots that an order takes at present; undefined if it takes none. */
export function slotsOf({ places, status, reason, userId, showId, ticketId }: Order): string[] | undefined {
  if (!places) return undefined;
  const of = showId ?? ticketId;
  const { person, live, today } = places;
  const slots: string[] = [];
  if (status !== 'cancelled') slots.push(...person.map((number) => personSlot(of, userId, number)));
  if (live !== null && (status === 'created' || status === 'awaiting:payment')) slots.push(liveSlot(userId, live));
  // Kept by a cancelled order, unless that was not the buyer's doing.
  if (today !== null && status !== 'complete' && reason !== 'withdrawn') {
    slots.push(todaySlot(of, userId, today.day, today.number));
  }
  return slots.length === 0 ? undefined : slots;
}
