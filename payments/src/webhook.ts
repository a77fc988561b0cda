import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import express, { Router } from 'express';
import type { Logger } from 'pino';
import type Stripe from 'stripe';
import type { KnownEvents } from './known-event.ts';
import type { Payment } from './payment.ts';
import type { Settle } from './settle.ts';
import { isStripeAway, Refused, stripeUnavailable } from './stripe.ts';
import { parseStripeEvent, type StripeEvent } from './stripe-event.ts';

export interface WebhookParts {
  readonly payments: Aggregates<Payment>;
  readonly knownEvents: KnownEvents;
  readonly settle: Settle;
  readonly stripe: Stripe;
  readonly secrets: readonly string[];
  readonly logger: Logger;
}

/** How far the time in a signature may be from ours, in either direction: what Stripe recommends. */
const toleranceSeconds = 300;

/**
 * Where Stripe tells what happened. Answered 2xx once the effect is stored, or when there is nothing to do;
 * anything else has Stripe tell it again for three days.
 */
export function webhook({ payments, knownEvents, settle, stripe, secrets, logger }: WebhookParts): Router {
  const router = Router({ caseSensitive: true, strict: true });

  // The signature covers the body byte by byte, so it must not be parsed first.
  router.post('/api/payments/webhook', express.raw({ type: () => true, limit: '1mb' }), async (req, res) => {
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    mustBeSigned(body, req.get('stripe-signature') ?? '');
    const { event, about } = parseStripeEvent(jsonIn(body));
    if (!event) logger.warn(about, 'ignored a webhook: it is signed, but not an event as payments knows them');
    else if (!(await knownEvents.has(event.id))) await handle(event);
    res.json({ received: true });
  });

  async function handle(event: StripeEvent): Promise<void> {
    const orderId = await orderOf(event);
    if (orderId) {
      await settle(orderId).catch((error: unknown) => {
        if (isStripeAway(error)) throw stripeUnavailable(error);
        // It has been logged, and the same webhook sent again would be refused again.
        if (!(error instanceof Refused)) throw error;
      });
    } else {
      const { id: eventId, type, subject } = event;
      logger.info({ eventId, type, object: subject.object }, 'ignored a webhook: it is about no order of ours');
    }
    // Last of all: remembered before its effect is stored, a crash in between would lose it.
    await knownEvents.add(event.id);
  }

  function mustBeSigned(body: Buffer, header: string): void {
    const refusals: unknown[] = [];
    for (const secret of isRecent(header) ? secrets : []) {
      try {
        stripe.webhooks.signature?.verifyHeader(body, header, secret, toleranceSeconds);
        return;
      } catch (error) {
        refusals.push(error);
      }
    }
    const cause = new AggregateError(refusals, 'not signed with one of our secrets at this time');
    throw problem('bad-signature', 'This is not signed by Stripe with our secret.', { cause });
  }

  /** Whose payment an event is about; undefined when it is none of ours. */
  async function orderOf({ subject }: StripeEvent): Promise<string | undefined> {
    if (subject.orderId) return subject.orderId;
    if (!subject.intentId) return undefined;
    const payment = await payments.findOne({ stripeId: subject.intentId });
    return payment?.id;
  }

  return router;
}

/**
 * Whether a signature header names exactly one time, and that is about now. Stripe's client refuses what is too old, but not what is far ahead or no number,
 * which would make a stolen webhook good for ever. It compares with the same clock.
 */
function isRecent(header: string): boolean {
  const times = header.split(',').filter((part) => part.startsWith('t='));
  const [time = ''] = times;
  if (times.length !== 1 || !/^t=\d{1,12}$/.test(time)) return false;
  return Math.abs(Date.now() / 1_000 - Number(time.slice(2))) <= toleranceSeconds;
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw problem('invalid-json', 'The body is no JSON.', { cause });
  }
}
