import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import { answerWithinMs } from './asking.ts';

/** How often a buyer who has paid checks for the ticket. */
export const lookAgainMs = 500;

const Seen = z.object({ state: z.string(), version: z.number() });
const Ended = z.object({ status: z.enum(['cancelled', 'complete']) });

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

  /** How the order has ended; undefined while it has not, or while nobody answers. */
  const ending = async (buyer: Person, id: string) =>
    Ended.safeParse(await see(buyer, `/api/orders/${id}`)).data?.status;

  return {
    ending,

    async ticket(who: Person, id: string): Promise<z.infer<typeof Seen> | undefined> {
      return Seen.safeParse(await see(who, `/api/tickets/${id}`)).data;
    },

    /** Whether a paid order fails nevertheless, as its buyer sees on a later read. */
    async isCancelled(buyer: Person, id: string): Promise<boolean> {
      while (!signal.aborted) {
        await sleep(lookAgainMs);
        const status = await ending(buyer, id);
        if (status) return status === 'cancelled';
      }
      return false;
    },
  };
}
