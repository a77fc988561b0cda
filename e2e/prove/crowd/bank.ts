import type { Stripe } from '@box-office/local/service-env';
import { z } from 'zod';
import { answerWithinMs } from './asking.ts';

/** What buyers' banks do, at the sandbox itself; not repeated when a fault hinders it. */
export interface Bank {
  /** @returns the dispute's id; undefined if there is none */
  dispute(intentId: string, reason: string): Promise<string | undefined>;
  decide(disputeId: string, outcome: 'won' | 'lost'): Promise<void>;
}

const Opened = z.object({ id: z.string() });

export function bankAt({ url, secretKey }: Stripe): Bank {
  const ask = (path: string, body: object): Promise<unknown> =>
    fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secretKey}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithinMs),
    })
      .then((answer) => answer.json())
      .catch(() => undefined);

  return {
    dispute: async (intentId, reason) =>
      Opened.safeParse(await ask('/sandbox/disputes', { payment_intent: intentId, reason })).data?.id,
    async decide(disputeId, outcome) {
      await ask(`/sandbox/disputes/${disputeId}`, { outcome });
    },
  };
}
