import { type Decline, testCard } from './cards.ts';
import type { Decision, Facts } from './decision.ts';
import { openDispute } from './disputes.ts';
import { Refusal } from './refusal.ts';
import type { Charge, Intent, Method, PaymentError } from './rows.ts';

/** How long an authorization holds: docs.stripe.com/payments/place-a-hold-on-a-payment-method. */
const AUTHORIZATION_DAYS = 7;
const AUTHORIZATION_SECONDS = AUTHORIZATION_DAYS * 24 * 60 * 60;

/** The bank is asked for the money: it reserves it, takes it at once, or declines. */
export function chargeMethod(intent: Intent, method: Method, facts: Facts): Decision {
  const { onCharge, immediate } = testCard(method.testCard);
  if (onCharge) return decline402(intent, method, onCharge, facts);

  const later =
    !immediate &&
    (intent.captureMethod === 'manual' || (intent.cardCaptureMethod === 'manual' && method.type === 'card'));
  const charge: Charge = {
    ...newCharge(intent, method, facts),
    captured: !later,
    amountCaptured: later ? 0 : intent.amount,
    captureBefore: later ? facts.now + AUTHORIZATION_SECONDS : null,
  };
  const next: Intent = {
    ...intent,
    status: later ? 'requires_capture' : 'succeeded',
    chargeId: charge.id,
    capturable: later ? intent.amount : 0,
    received: later ? 0 : intent.amount,
  };
  const type = later ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded';
  const decision = { shows: next, puts: [charge, next], events: [{ type, row: next }] } satisfies Decision;
  return later ? decision : disputedAtOnce(charge, method, facts, decision);
}

export function decline402(intent: Intent, method: Method, why: Decline, facts: Facts): Decision {
  const failure = { code: why.code, declineCode: why.declineCode, message: why.message };
  const charge: Charge = { ...newCharge(intent, method, facts), status: 'failed', failure };
  const next: Intent = {
    ...intent,
    status: 'requires_payment_method',
    methodId: null,
    nextAction: null,
    chargeId: charge.id,
    lastError: errorOf(why, charge.id, method.id),
  };
  return {
    shows: next,
    puts: [charge, next],
    events: [{ type: 'payment_intent.payment_failed', row: next }],
    refusal: refusalFor(why, next, method, charge.id),
  };
}

/** The buyer of some test cards disputes the charge as soon as the money is taken. */
export function disputedAtOnce(charge: Charge, method: Method | undefined, facts: Facts, decision: Decision): Decision {
  const reason = method && testCard(method.testCard).disputes;
  if (!reason) return decision;
  const { puts, events } = openDispute(charge, reason, facts);
  return { ...decision, puts: [...decision.puts, ...puts], events: [...decision.events, ...events] };
}

function newCharge(intent: Intent, method: Method, facts: Facts): Charge {
  return {
    kind: 'charge',
    id: facts.newId('ch'),
    created: facts.now,
    intentId: intent.id,
    methodId: method.id,
    status: 'succeeded',
    amount: intent.amount,
    captured: false,
    amountCaptured: 0,
    amountRefunded: 0,
    currency: intent.currency,
    captureBefore: null,
    disputed: false,
    failure: null,
    description: intent.description,
    metadata: intent.metadata,
  };
}

export function errorOf(why: Decline, chargeId: string, methodId: string): PaymentError {
  return { ...why, param: null, chargeId, methodId };
}

/** The answer to a call that a bank has declined. */
export function refusalFor(why: Decline, intent: Intent, method: Method | undefined, charge: string): Refusal {
  const { type, code, declineCode, message } = why;
  return new Refusal(
    type === 'card_error' ? 402 : 400,
    { type, code, message, charge, ...(declineCode === null ? {} : { decline_code: declineCode }) },
    { remembered: true, intent, method },
  );
}

export function chargeOf(intent: Intent, facts: Facts): Charge {
  const charge = intent.chargeId === null ? undefined : facts.charge(intent.chargeId);
  if (charge === undefined) throw new Error(`${intent.id} is ${intent.status} without a charge`);
  return charge;
}
