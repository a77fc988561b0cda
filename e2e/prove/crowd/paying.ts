import { setTimeout as sleep } from 'node:timers/promises';
import { intentIdOf } from '@box-office/client/lib/card';
import { z } from 'zod';
import type { Person, Shop } from '../../support/shop.ts';
import { confirmation } from '../../support/visitor.ts';
import { type Asking, answerWithinMs } from './asking.ts';

const Begun = z.object({ clientSecret: z.string(), publishableKey: z.string() });

export const cards = {
  good: '4242424242424242',
  declined: '4000000000000002',
  refusedAtCapture: '4000009999990008',
  refundFails: '4000000000005126',
  refundTakesTime: '4000000000007726',
  disputes: '4000000000000259',
};

export interface Paying {
  /**
   * Begins a payment and confirms it with a card. `meanwhile` runs while Stripe is reserving the money.
   *
   * @returns the payment at Stripe; undefined unless the card was accepted
   */
  pay(buyer: Person, orderId: string, card: string, meanwhile?: () => void): Promise<string | undefined>;
}

/** A card whose money is taken; a few cause trouble afterwards. `mood` is a random number below 1. */
export function goodCard(mood: number): string {
  if (mood < 0.08) return cards.refundFails;
  if (mood < 0.12) return cards.refundTakesTime;
  return mood < 0.16 ? cards.disputes : cards.good;
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
      if (answer?.status !== 200 && answer?.status !== 201) return undefined;
      meanwhile();
      const begun = Begun.parse(answer.body);
      return (await confirm(begun, card)) ? intentIdOf(begun.clientSecret) : undefined;
    },
  };
}
