import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import express, { Router } from 'express';
import type Stripe from 'stripe';
import type { KnownEvents } from './known-event.ts';
import type { Payment } from './payment.ts';
import type { Settle } from './settle.ts';
import { isStripeAway, stripeUnavailable } from './stripe.ts';

export interface WebhookParts {
  readonly payments: Aggregates<Payment>;
  readonly knownEvents: KnownEvents;
  readonly settle: Settle;
  readonly stripe: Stripe;
  readonly secrets: readonly string[];
}

/** Where Stripe tells what happened. Answered 200 only once the effect is stored; anything else has Stripe tell it again. */
export function webhook({ payments, knownEvents, settle, stripe, secrets }: WebhookParts): Router {
  const router = Router({ caseSensitive: true, strict: true });

  // The signature covers the body byte by byte, so it must not be parsed first.
  router.post('/api/payments/webhook', express.raw({ type: () => true, limit: '1mb' }), async (req, res) => {
    const event = verified(req.body, req.get('stripe-signature'));
    if (await knownEvents.has(event.id)) {
      res.json({ received: true });
      return;
    }
    const orderId = await orderOf(event);
    if (orderId) {
      await settle(orderId).catch((error: unknown) => {
        throw isStripeAway(error) ? stripeUnavailable(error) : error;
      });
    }
    // Last of all: remembered before its effect is stored, a crash in between would lose it.
    await knownEvents.add(event.id);
    res.json({ received: true });
  });

  function verified(body: unknown, signature: string | undefined): Stripe.Event {
    try {
      if (!Buffer.isBuffer(body) || !signature) throw new Error('there is no body or no signature');
      return signedByAny(body, signature);
    } catch (cause) {
      throw problem('bad-signature', 'This is not signed by Stripe with our secret.', { cause });
    }
  }

  function signedByAny(body: Buffer, signature: string): Stripe.Event {
    const refusals: unknown[] = [];
    for (const secret of secrets) {
      try {
        return stripe.webhooks.constructEvent(body, signature, secret);
      } catch (error) {
        refusals.push(error);
      }
    }
    throw new AggregateError(refusals, 'none of our secrets fits');
  }

  /** Whose payment an event is about; undefined when it is none of ours. */
  async function orderOf({ data: { object } }: Stripe.Event): Promise<string | undefined> {
    if (object.object === 'payment_intent' && object.metadata.orderId) return object.metadata.orderId;
    const intent = 'payment_intent' in object ? object.payment_intent : undefined;
    const stripeId = typeof intent === 'string' ? intent : intent?.id;
    if (!stripeId) return undefined;
    const [payment] = await payments.query({ stripeId }, { limit: 1 });
    return payment?.id;
  }

  return router;
}
