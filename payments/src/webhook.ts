import { createHmac } from 'node:crypto';
import type { HeaderReader } from '@box-office/common/http/exchange';
import { type Route, rawBody, route } from '@box-office/common/http/route';
import { problem } from '@box-office/common/problem';
import Stripe from 'stripe';
import { z } from 'zod';
import { isListed } from './event-types.ts';
import { type FollowParts, followEvent } from './follow-event.ts';
import { isStripeAway, stripeUnavailable } from './stripe.ts';
import { parseStripeEvent } from './stripe-event.ts';

export interface WebhookParts extends FollowParts {
  readonly stripe: Stripe;
  readonly secrets: readonly string[];
}

/** More than the size of any Stripe event. */
const eventBytes = 256_000;

const Received = z.object({ received: z.literal(true) });
const received: z.infer<typeof Received> = { received: true };

const signature: HeaderReader<string> = {
  name: 'Stripe-Signature',
  description: 'Stripe’s signature over the body, byte by byte',
  required: true,
  read(header = '') {
    // Checked before the body is read, so that strangers cannot make us buffer it.
    if (!isRecent(header)) throw badSignature();
    return header;
  },
};

/** The accepted difference between the signature's time and ours, in either direction; Stripe's recommendation. */
const toleranceSeconds = 300;

/**
 * Receives Stripe's events. Answers 2xx once the effect is stored or when there is nothing to do; after any other
 * answer Stripe resends the event for three days.
 */
export function webhook(parts: WebhookParts): Route {
  const { stripe, secrets, logger } = parts;
  return route('POST /api/payments/webhook', {
    who: 'signature',
    summary: 'Receives events from Stripe',
    headers: { signature },
    body: rawBody(eventBytes),
    answers: {
      200: {
        description: 'Its effect is stored, or there is nothing to do. Until then Stripe resends it',
        body: Received,
      },
    },
    problems: ['bad-signature', 'invalid-json', 'busy', 'stripe-unavailable'],
    async handle({ headers, body }) {
      mustBeSigned(body, headers.signature);
      const { event, about } = parseStripeEvent(jsonIn(body));
      if (!event) logger.warn(about, 'ignored a webhook: it is signed, but not an event that payments handles');
      else if (!isListed(event.type) || !(await parts.knownEvents.has(event.id))) {
        await followEvent(parts, event).catch((error: unknown) => {
          throw isStripeAway(error) ? stripeUnavailable(error) : error;
        });
      }
      return { status: 200, body: received };
    },
  });

  function mustBeSigned(body: Buffer, header: string): void {
    const refusals: unknown[] = [];
    const overBytes = new HashOverBytes(body);
    for (const secret of secrets) {
      try {
        // Its type allows the client to come without a verifier; then nothing counts as signed.
        if (stripe.webhooks.signature?.verifyHeader(body, header, secret, toleranceSeconds, overBytes)) return;
      } catch (error) {
        refusals.push(error);
      }
    }
    throw badSignature(new AggregateError(refusals, 'not signed with one of our secrets at this time'));
  }
}

/**
 * Makes Stripe's client hash a body as sent. By itself it hashes the body decoded as UTF-8 and encoded again, which
 * drops a byte order mark and replaces invalid bytes, so that the signature over the original no longer matches.
 */
class HashOverBytes extends Stripe.CryptoProvider {
  readonly #body: Buffer;

  constructor(body: Buffer) {
    super();
    this.#body = body;
  }

  /** `content` is the time, a dot and the decoded body. */
  override computeHMACSignature(content: string, secret: string): string {
    const timeAndDot = content.slice(0, content.indexOf('.') + 1);
    return createHmac('sha256', secret).update(timeAndDot).update(this.#body).digest('hex');
  }
}

const badSignature = (cause?: unknown) => problem('bad-signature', 'Missing or invalid Stripe signature.', { cause });

/**
 * Whether a signature header has exactly one time, close to now. Stripe's client refuses old times, but not times far
 * in the future or that are not numbers, which would make a stolen webhook valid for ever. It uses the same clock.
 */
function isRecent(header: string): boolean {
  const times = header.split(',').filter((part) => part.startsWith('t='));
  const [time = ''] = times;
  if (times.length !== 1 || !/^t=\d{1,12}$/.test(time)) return false;
  return Math.abs(Date.now() / 1_000 - Number(time.slice(2))) <= toleranceSeconds;
}

/**
 * Accepts any JSON: a signed value that is not an event need not be resent. Ignores a byte order mark and replaces
 * bytes that are not UTF-8, because ids are ASCII, and a refusal would only make Stripe send the same again.
 */
function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw problem('invalid-json', 'The body is not JSON.', { cause });
  }
}
