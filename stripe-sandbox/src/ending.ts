import { type Decline, testCard } from './cards.ts';
import { chargeOf, disputedAtOnce, errorOf, refusalFor } from './charging.ts';
import type { Announcement, Decision, Facts } from './decision.ts';
import { newRefund } from './refunds.ts';
import { invalid, unexpectedState } from './refusal.ts';
import type { Charge, Intent, IntentStatus, Row } from './rows.ts';

/** How a payment ends: its money is taken, or it is canceled, by somebody or because its time is up. */

export function capture(
  intent: Intent,
  amount: number | undefined,
  refused: Decline | undefined,
  facts: Facts,
): Decision {
  if (intent.status !== 'requires_capture') {
    throw unexpectedState(
      intent,
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
    );
  }
  const charge = chargeOf(intent, facts);
  const captured = amount ?? intent.capturable;
  if (captured < 1) throw invalid('This value must be greater than or equal to 1.', 'amount_to_capture');
  if (captured > intent.capturable) {
    throw invalid(
      `The amount_to_capture (${captured}) is greater than the amount that can be captured (${intent.capturable}).`,
      'amount_to_capture',
      'amount_too_large',
    );
  }
  const method = facts.method(charge.methodId);
  const refusal = refused ?? (method && testCard(method.testCard).onCapture);
  if (refusal) return refuseCapture(intent, charge, refusal, facts);

  const taken: Charge = { ...charge, captured: true, amountCaptured: captured };
  const next: Intent = { ...intent, status: 'succeeded', capturable: 0, received: captured };
  const events: Announcement[] = [];
  const puts: Row[] = [next];
  if (captured < charge.amount) {
    const remainder = newRefund(charge, { amount: charge.amount - captured, released: true }, facts);
    taken.amountRefunded = charge.amount - captured;
    puts.push(remainder);
    events.push({ type: 'refund.created', row: remainder });
  }
  return disputedAtOnce(taken, method, facts, {
    shows: next,
    puts: [taken, ...puts],
    events: [{ type: 'charge.captured', row: taken }, ...events, { type: 'payment_intent.succeeded', row: next }],
  });
}

/**
 * The bank refuses the capture. An expired authorization ends the payment; any other refusal asks for another card.
 */
function refuseCapture(intent: Intent, charge: Charge, why: Decline, facts: Facts): Decision {
  if (why.code === 'charge_expired_for_capture') {
    const decision = expire(intent, facts);
    const shown = decision.shows.kind === 'intent' ? decision.shows : intent;
    return { ...decision, refusal: refusalFor(why, shown, undefined, charge.id) };
  }
  const failure = { code: why.code, declineCode: why.declineCode, message: why.message };
  const failed: Charge = { ...charge, status: 'failed', failure };
  const next: Intent = {
    ...intent,
    status: 'requires_payment_method',
    capturable: 0,
    methodId: null,
    lastError: errorOf(why, charge.id, charge.methodId),
  };
  return {
    shows: next,
    puts: [failed, next],
    events: [{ type: 'payment_intent.payment_failed', row: next }],
    refusal: refusalFor(why, next, facts.method(charge.methodId), charge.id),
  };
}

const cancelable: IntentStatus[] = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
];

export function cancel(intent: Intent, reason: string | null, facts: Facts): Decision {
  if (!cancelable.includes(intent.status)) {
    throw unexpectedState(
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}, processing.`,
    );
  }
  return end(intent, reason, 'charge.refunded', null, facts);
}

export function isExpired(intent: Intent, facts: Facts): boolean {
  if (intent.status !== 'requires_capture') return false;
  const { captureBefore } = chargeOf(intent, facts);
  return captureBefore !== null && captureBefore <= facts.now;
}

/** Not captured in time: Stripe cancels it. */
export function expire(intent: Intent, facts: Facts): Decision {
  return end(intent, 'automatic', 'charge.expired', 'expired_uncaptured_charge', facts);
}

function end(
  intent: Intent,
  reason: string | null,
  announce: 'charge.refunded' | 'charge.expired',
  refundReason: string | null,
  facts: Facts,
): Decision {
  const next: Intent = {
    ...intent,
    status: 'canceled',
    capturable: 0,
    nextAction: null,
    canceledAt: facts.now,
    cancellationReason: reason,
  };
  const canceled: Announcement = { type: 'payment_intent.canceled', row: next };
  if (intent.status !== 'requires_capture') return { shows: next, puts: [next], events: [canceled] };

  // Stripe shows an authorization that is let go as a refund of a charge that was never captured.
  const charge = chargeOf(intent, facts);
  const released: Charge = { ...charge, amountRefunded: charge.amount };
  const refund = newRefund(charge, { amount: charge.amount, reason: refundReason, released: true }, facts);
  return {
    shows: next,
    puts: [released, refund, next],
    events: [{ type: announce, row: released }, { type: 'refund.created', row: refund }, canceled],
  };
}
