import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Change } from '@box-office/common/store/change';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { isStoreAway } from '@box-office/common/store/mongo';
import { allTicketsOf } from '../ended.ts';
import type { Order } from '../order.ts';
import type { Attempts } from './attempts.ts';
import {
  endBought,
  firstAttempt,
  isUnsettled,
  isUntold,
  type LastAttempts,
  type Offer,
  offer,
  retried,
  settled,
  takeAgain,
  untenableOffers,
  withdrawOffers,
} from './resale.ts';

/** Everything about resale that concerns more than one order: see `resale.ts`. */
export interface Resales {
  /**
   * Offers tickets of an order and takes others back: see `offer`.
   *
   * @throws Problem 409 `busy` as well
   */
  offer(order: Order, how: Omit<Offer, 'last'>): Promise<Order>;
  /**
   * Tells those who had the tickets of an order before how it ended: if it is complete, the tickets are no longer
   * theirs; if it is cancelled, they have them again. Also takes back what the order itself can no longer offer.
   *
   * May be repeated, run concurrently and be interrupted at any point. Until it has succeeded, the order stays in the
   * index `unsettled`. One who cannot be told, because their order cannot be read, does not keep the others from it.
   */
  settle(order: Order): Promise<void>;
}

/** How often to try again after others have claimed the attempt. */
const maxTries = 10;

type Decide = (order: Order, last: LastAttempts) => Change<Order>;

export function resales(orders: Aggregates<Order>, attempts: Attempts): Resales {
  /** The last attempts at these tickets of an order. */
  async function lastOf(id: string, ticketIds: readonly string[]): Promise<LastAttempts> {
    const tickets = allTicketsOf(await orders.get(id)).filter((ticket) => ticketIds.includes(ticket.id));
    const all = tickets.map(async (ticket) => [ticket.id, await attempts.lastAfter(ticket, id)] as const);
    return new Map(await Promise.all(all));
  }

  /**
   * Lets an order claim next attempts, until nobody else was faster. Without `known`, it is assumed that nobody has
   * tried these tickets since; otherwise the index on claims refuses the change, and the last attempts are read.
   */
  async function claim(id: string, ticketIds: readonly string[], decide: Decide, known?: LastAttempts): Promise<Order> {
    let last = known ?? new Map();
    for (let tries = 1; tries <= maxTries; tries++) {
      try {
        return await orders.change(id, (order) => decide(order, last));
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      last = await lastOf(id, ticketIds);
    }
    throw problem('busy', 'Others are trying to buy the same ticket. Please try again.', { retryAfterSeconds: 1 });
  }

  async function tellHolders(order: Order): Promise<void> {
    const tickets = retried(order);
    const ids = tickets.map(({ id }) => id);
    const since = tickets.map((ticket) => ({ id: ticket.id, attempt: firstAttempt(ticket) }));
    const errors: unknown[] = [];
    for (const holder of await attempts.holdersBefore(since, order.id)) {
      try {
        await tellHolder(holder, order, ids);
      } catch (error) {
        if (isStoreAway(error)) throw error;
        errors.push(error);
      }
    }
    // One for all, as it is: who offers a ticket may be answered with it.
    if (errors.length > 0) throw errors[0];
    await orders.change(order.id, settled);
  }

  async function tellHolder(holder: string, order: Order, ids: readonly string[]): Promise<void> {
    if (order.status === 'complete') {
      await orders.change(holder, (it) => endBought(it, order));
    } else {
      await claim(holder, ids, takeAgain, await lastOf(holder, ids));
    }
  }

  return {
    async offer(order, how) {
      // Who buys it then settles with this order alone: those before it got back what this one has paid.
      if (isUntold(order)) await tellHolders(order);
      const all = allTicketsOf(order).map(({ id }) => id);
      return claim(order.id, all, (it, last) => offer(it, { ...how, last }));
    },

    async settle(order) {
      if (!isUnsettled(order)) return;
      if (isUntold(order)) await tellHolders(order);
      const untenable = untenableOffers(order).map(({ id }) => id);
      if (untenable.length > 0) await claim(order.id, untenable, withdrawOffers);
    },
  };
}
