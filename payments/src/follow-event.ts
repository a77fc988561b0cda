import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import { concernsOpenPayments, isListed, saysNothingNew } from './event-types.ts';
import type { Settle } from './hint.ts';
import type { KnownEvents } from './known-event.ts';
import type { Payment } from './payment.ts';
import { Refused } from './stripe.ts';
import type { StripeEvent } from './stripe-event.ts';

export interface FollowParts {
  readonly payments: Aggregates<Payment>;
  readonly knownEvents: KnownEvents;
  readonly settle: Settle;
  readonly logger: Logger;
}

/**
 * Settles the payment that a Stripe event is about, then records the event as handled if it may come again from
 * Stripe's list.
 *
 * @throws what `settle` throws, except when Stripe has refused something: it would refuse the same again
 */
export async function followEvent(parts: FollowParts, event: StripeEvent): Promise<void> {
  const { payments, knownEvents, settle, logger } = parts;
  if (saysNothingNew(event.type)) return;
  const orderId = await orderOf(payments, event);
  if (orderId) {
    await settle(orderId, { onlyOpen: concernsOpenPayments(event.type) }).catch((error: unknown) => {
      // Already logged by settle.
      if (!(error instanceof Refused)) throw error;
    });
  } else {
    const { id: eventId, type, subject } = event;
    logger.info({ eventId, type, object: subject.object }, 'ignored a webhook: it concerns none of our orders');
  }
  // Recorded last: a crash between recording an event and storing its effect would lose the event.
  if (isListed(event.type)) await knownEvents.add(event.id);
}

/** The order whose payment the event is about; undefined if it is not one of ours. */
async function orderOf(payments: Aggregates<Payment>, { subject }: StripeEvent): Promise<string | undefined> {
  if (subject.orderId) return subject.orderId;
  if (!subject.intentId) return undefined;
  const payment = await payments.findOne({ stripeId: subject.intentId });
  return payment?.id;
}
