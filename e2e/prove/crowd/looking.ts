import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import { answerWithinMs } from './asking.ts';

/** How often somebody who has paid looks whether they have the ticket. */
export const lookAgainMs = 500;

const Seen = z.object({ state: z.string(), version: z.number() });
const Ended = z.object({ status: z.enum(['cancelled', 'complete']) });

/** Looks that nobody judges: they tell the crowd how things stand, and may well fail while something is broken. */
export function looking(url: string, signal: AbortSignal) {
  function see({ token }: Person, path: string): Promise<unknown> {
    return fetch(new URL(path, url), {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(answerWithinMs),
    })
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .catch(() => undefined);
  }

  return {
    async ticket(who: Person, id: string): Promise<z.infer<typeof Seen> | undefined> {
      return Seen.safeParse(await see(who, `/api/tickets/${id}`)).data;
    },

    /** Whether an order that was paid for fails all the same, as its buyer sees who looks again. */
    async isCancelled(buyer: Person, id: string): Promise<boolean> {
      while (!signal.aborted) {
        await sleep(lookAgainMs);
        const status = Ended.safeParse(await see(buyer, `/api/orders/${id}`)).data?.status;
        if (status) return status === 'cancelled';
      }
      return false;
    },
  };
}
