import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import type { KnownEvents } from './known-event.ts';
import type { Payment } from './payment.ts';
import type { Settle } from './settle.ts';
import { Refused } from './stripe.ts';
import type { StripeEvent } from './stripe-event.ts';

export interface FollowParts {
  readonly payments: Aggregates<Payment>;
  readonly knownEvents: KnownEvents;
  readonly settle: Settle;
  readonly logger: Logger;
}

/**
 * Has a look at the payment that an event of Stripe is about, and remembers the event.
 *
 * @throws what `settle` throws, unless Stripe has refused something: it would refuse the same again
 */
export async function followEvent(parts: FollowParts, event: StripeEvent): Promise<void> {
  const { payments, knownEvents, settle, logger } = parts;
  const orderId = await orderOf(payments, event);
  if (orderId) {
    await settle(orderId).catch((error: unknown) => {
      // It has been logged.
      if (!(error instanceof Refused)) throw error;
    });
  } else {
    const { id: eventId, type, subject } = event;
    logger.info({ eventId, type, object: subject.object }, 'ignored a webhook: it is about no order of ours');
  }
  // Last of all: remembered before its effect is stored, a crash in between would lose it.
  await knownEvents.add(event.id);
}

/** Whose payment an event is about; undefined when it is none of ours. */
async function orderOf(payments: Aggregates<Payment>, { subject }: StripeEvent): Promise<string | undefined> {
  if (subject.orderId) return subject.orderId;
  if (!subject.intentId) return undefined;
  const payment = await payments.findOne({ stripeId: subject.intentId });
  return payment?.id;
}
