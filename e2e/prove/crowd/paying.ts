import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person, Shop } from '../../support/shop.ts';
import { confirmation } from '../../support/visitor.ts';
import { type Asking, answerWithinMs } from './asking.ts';

const Begun = z.object({ clientSecret: z.string(), publishableKey: z.string() });

export const cards = {
  good: '4242424242424242',
  declined: '4000000000000002',
  refusedAtCapture: '4000009999990008',
};

export interface Paying {
  /**
   * Begins a payment and confirms it with a card. `meanwhile` runs while Stripe is reserving the money.
   *
   * @returns whether the card was accepted
   */
  pay(buyer: Person, orderId: string, card: string, meanwhile?: () => void): Promise<boolean>;
}

export function paying({ shop, asking }: { readonly shop: Shop; readonly asking: Asking }): Paying {
  /** What the browser does at Stripe: not recorded, and retried when the connection broke. */
  async function confirm(begun: z.infer<typeof Begun>, card: string): Promise<boolean> {
    const { url, stripe } = shop.platform;
    const [to, init] = confirmation(stripe.url ?? '', begun, card, url);
    for (let tries = 0; tries < 5; tries++) {
      const answer = await fetch(to, { ...init, signal: AbortSignal.timeout(answerWithinMs) }).catch(() => undefined);
      if (answer && answer.status < 500) return answer.ok;
      await sleep(200);
    }
    return false;
  }

  return {
    async pay(buyer, orderId, card, meanwhile = () => undefined) {
      const { answer } = await asking.onceHeard(() =>
        asking.command(buyer, 'POST', '/api/payments', { orderId }, { fresh: true }),
      );
      if (answer?.status !== 200 && answer?.status !== 201) return false;
      meanwhile();
      return confirm(Begun.parse(answer.body), card);
    },
  };
}
