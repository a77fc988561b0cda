import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import { answerWithinMs } from './asking.ts';
import type { Deal } from './forbidden.ts';

/** How often a buyer who has paid checks for the ticket. */
const lookAgainMs = 500;

const Waiting = z.object({ state: z.string(), orderId: z.string().optional() });
const Seen = z.object({ state: z.string() });
const Ended = z.object({ status: z.enum(['cancelled', 'complete']) });

export type Looking = ReturnType<typeof looking>;

/** Reads that are not judged: they show the crowd the current state, and may fail during a fault. */
export function looking(url: string, signal: AbortSignal) {
  function see({ token }: Person, path: string): Promise<unknown> {
    return fetch(new URL(path, url), {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(answerWithinMs),
    })
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .catch(() => undefined);
  }

  const ticket = async (who: Person, id: string) => Seen.safeParse(await see(who, `/api/tickets/${id}`)).data;
  /** How the order has ended; undefined while it has not, or while nobody answers. */
  const ending = async (buyer: Person, id: string) =>
    Ended.safeParse(await see(buyer, `/api/orders/${id}`)).data?.status;

  /** How the order has ended, once it has; undefined if the run is over before. */
  async function ended(buyer: Person, id: string): Promise<'cancelled' | 'complete' | undefined> {
    while (!signal.aborted) {
      const status = await ending(buyer, id);
      if (status) return status;
      await sleep(lookAgainMs);
    }
    return undefined;
  }

  return {
    ticket,
    entry: async (who: Person, id: string) => Waiting.safeParse(await see(who, `/api/waiting-list/${id}`)).data,
    show: async (who: Person, id: string) => Seen.safeParse(await see(who, `/api/shows/${id}`)).data,
    order: (who: Person, id: string) => see(who, `/api/orders/${id}`),

    /**
     * Whether the shop shows, within some seconds, that this order has sold its ticket. The ticket alone does not tell:
     * if the buyer changed their mind while paying, somebody else may have bought it at once.
     */
    async isSold({ seller, buyer, ticketId, orderId }: Deal): Promise<boolean> {
      for (let looks = 0; looks < 20 && !signal.aborted; looks++) {
        const status = await ending(buyer, orderId);
        if (status === 'cancelled') return false;
        if (status === 'complete' && (await ticket(seller, ticketId))?.state === 'sold') return true;
        await sleep(lookAgainMs);
      }
      return false;
    },

    /** Whether the order has ended as complete. */
    isComplete: async (buyer: Person, id: string) => (await ended(buyer, id)) === 'complete',

    /** Whether a paid order fails nevertheless, as its buyer sees on a later read. */
    async isCancelled(buyer: Person, id: string): Promise<boolean> {
      await sleep(lookAgainMs);
      return (await ended(buyer, id)) === 'cancelled';
    },
  };
}
