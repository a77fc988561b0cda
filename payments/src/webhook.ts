import { type HeaderReader, type Route, rawBody, route } from '@box-office/common/http/route';
import { problem } from '@box-office/common/problem';
import type Stripe from 'stripe';
import { z } from 'zod';
import { type FollowParts, followEvent } from './follow-event.ts';
import { isStripeAway, stripeUnavailable } from './stripe.ts';
import { parseStripeEvent } from './stripe-event.ts';

export interface WebhookParts extends FollowParts {
  readonly stripe: Stripe;
  readonly secrets: readonly string[];
}

/** Stripe's events are smaller. */
const eventBytes = 256_000;

const Received = z.object({ received: z.literal(true) });
const received: z.infer<typeof Received> = { received: true };

const signature: HeaderReader<string> = {
  name: 'Stripe-Signature',
  description: 'Stripe’s signature over the body, byte by byte',
  required: true,
  read(header = '') {
    // Before the body is read: nobody else decides how much of it is held.
    if (!isRecent(header)) throw badSignature();
    return header;
  },
};

/** How far the time in a signature may be from ours, in either direction: what Stripe recommends. */
const toleranceSeconds = 300;

/**
 * Where Stripe tells what happened. Answered 2xx once the effect is stored, or when there is nothing to do;
 * anything else has Stripe tell it again for three days.
 */
export function webhook(parts: WebhookParts): Route {
  const { stripe, secrets, logger } = parts;
  return route('POST /api/payments/webhook', {
    who: 'signature',
    summary: 'Where Stripe tells what happened',
    headers: { signature },
    body: rawBody(eventBytes),
    answers: {
      200: {
        description: 'Its effect is stored, or there is nothing to do; until then Stripe tells it again',
        body: Received,
      },
    },
    problems: ['bad-signature', 'invalid-json', 'busy', 'stripe-unavailable'],
    async handle({ headers, body }) {
      mustBeSigned(body, headers.signature);
      const { event, about } = parseStripeEvent(jsonIn(body));
      if (!event) logger.warn(about, 'ignored a webhook: it is signed, but not an event as payments knows them');
      else if (!(await parts.knownEvents.has(event.id))) {
        await followEvent(parts, event).catch((error: unknown) => {
          throw isStripeAway(error) ? stripeUnavailable(error) : error;
        });
      }
      return { status: 200, body: received };
    },
  });

  function mustBeSigned(body: Buffer, header: string): void {
    const refusals: unknown[] = [];
    for (const secret of secrets) {
      try {
        stripe.webhooks.signature?.verifyHeader(body, header, secret, toleranceSeconds);
        return;
      } catch (error) {
        refusals.push(error);
      }
    }
    throw badSignature(new AggregateError(refusals, 'not signed with one of our secrets at this time'));
  }
}

const badSignature = (cause?: unknown) =>
  problem('bad-signature', 'This is not signed by Stripe with our secret.', { cause });

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

/** Any JSON: a bare value is signed by Stripe too, and no reason to have it sent again. */
function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw problem('invalid-json', 'The body is no JSON.', { cause });
  }
}
