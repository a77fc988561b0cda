import { type HeaderReader, type Route, rawBody, route } from '@box-office/common/http/route';
import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import type Stripe from 'stripe';
import { z } from 'zod';
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
export function webhook({ payments, knownEvents, settle, stripe, secrets, logger }: WebhookParts): Route {
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
      else if (!(await knownEvents.has(event.id))) await handle(event);
      return { status: 200, body: received };
    },
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

  /** Whose payment an event is about; undefined when it is none of ours. */
  async function orderOf({ subject }: StripeEvent): Promise<string | undefined> {
    if (subject.orderId) return subject.orderId;
    if (!subject.intentId) return undefined;
    const payment = await payments.findOne({ stripeId: subject.intentId });
    return payment?.id;
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
