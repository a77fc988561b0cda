import { type Decline, testCard } from './cards.ts';
import { openDispute } from './disputes.ts';
import { newRefund } from './refunds.ts';
import { invalid, Refusal, unexpectedState } from './refusal.ts';
import type { Charge, EventType, Intent, IntentStatus, Method, PaymentError, Row } from './rows.ts';

/** How long an authorization holds: docs.stripe.com/payments/place-a-hold-on-a-payment-method. */
export const AUTHORIZATION_DAYS = 7;
const AUTHORIZATION_SECONDS = AUTHORIZATION_DAYS * 24 * 60 * 60;

/** What a decision may know beside the intent. */
export interface Facts {
  /** Seconds since 1970. */
  now: number;
  newId: (prefix: string) => string;
  method: (id: string) => Method | undefined;
  charge: (id: string) => Charge | undefined;
}

export interface Announcement {
  type: EventType;
  row: Row;
}

/**
 * What a call does: the rows it changes, the events it causes, and its answer. A declined card changes rows and is
 * refused, both.
 */
export interface Decision {
  shows: Row;
  puts: Row[];
  events: Announcement[];
  refusal?: Refusal;
}

export interface NewIntent {
  amount: number;
  currency: string;
  captureMethod: Intent['captureMethod'];
  cardCaptureMethod: 'manual' | null;
  automaticMethods: Intent['automaticMethods'];
  allowedTypes: string[] | null;
  metadata: Record<string, string>;
  description: string | null;
  receiptEmail: string | null;
  statementDescriptor: string | null;
  statementDescriptorSuffix: string | null;
}

export interface Confirmation {
  /** The method that the call names, if it names one. */
  method: Method | null;
  returnUrl: string | null;
  /** error_on_requires_action and off_session: the buyer cannot authenticate. */
  cannotAuthenticate: boolean;
}

export function create(
  given: NewIntent,
  method: Method | null,
  confirmation: Omit<Confirmation, 'method'> | null,
  facts: Facts,
): Decision {
  const id = facts.newId('pi');
  const intent: Intent = {
    kind: 'intent',
    id,
    created: facts.now,
    secret: facts.newId(`${id}_secret`),
    status: method === null ? 'requires_payment_method' : 'requires_confirmation',
    capturable: 0,
    received: 0,
    methodId: method?.id ?? null,
    chargeId: null,
    lastError: null,
    nextAction: null,
    canceledAt: null,
    cancellationReason: null,
    ...given,
  };
  const created: Decision = {
    shows: intent,
    puts: method === null ? [intent] : [method, intent],
    events: [{ type: 'payment_intent.created', row: intent }],
  };
  if (confirmation === null) return created;
  const confirmed = confirm(intent, { ...confirmation, method }, facts);
  return {
    ...confirmed,
    puts: [...created.puts, ...confirmed.puts],
    events: [...created.events, ...confirmed.events],
  };
}

const open: IntentStatus[] = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

export type Edit = Partial<NewIntent> & { method?: Method };

/** Words about a payment may change at any time; what it charges and how, only while it is open. */
const alwaysEditable = new Set(['metadata', 'description', 'receiptEmail']);

export function update(intent: Intent, edit: Edit): Decision {
  const { method, ...changes } = edit;
  if (!open.includes(intent.status)) {
    const locked = method ? 'payment_method' : Object.keys(changes).find((field) => !alwaysEditable.has(field));
    if (locked !== undefined) {
      const field = locked.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      throw unexpectedState(
        intent,
        `This PaymentIntent's ${field} could not be updated because it has a status of ${intent.status}. You may only update the ${field} of a PaymentIntent with one of the following statuses: ${open.join(', ')}.`,
      );
    }
  }
  const next: Intent = { ...intent, ...changes, lastError: null };
  if (method) {
    next.methodId = method.id;
    next.status = 'requires_confirmation';
    next.nextAction = null;
  }
  return { shows: next, puts: method ? [method, next] : [next], events: [] };
}

export function confirm(intent: Intent, confirmation: Confirmation, facts: Facts): Decision {
  if (intent.status === 'succeeded') {
    throw unexpectedState(
      intent,
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
    );
  }
  if (!open.includes(intent.status)) {
    throw unexpectedState(
      intent,
      `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
    );
  }
  const method = confirmation.method ?? (intent.methodId === null ? undefined : facts.method(intent.methodId));
  if (method === undefined) {
    throw unexpectedState(
      intent,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    );
  }
  if (mayRedirect(intent) && confirmation.returnUrl === null) {
    throw invalid(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
      'return_url',
    );
  }
  const confirmed: Intent = { ...intent, methodId: method.id, lastError: null, nextAction: null };
  const before = confirmation.method === null ? [] : [method];
  if (!testCard(method.testCard).needsAuthentication) return withRows(before, chargeMethod(confirmed, method, facts));

  if (confirmation.cannotAuthenticate) {
    const decline: Decline = {
      type: 'card_error',
      code: 'authentication_required',
      declineCode: 'authentication_required',
      message: 'Your card was declined. This transaction requires authentication.',
    };
    return withRows(before, decline402(confirmed, method, decline, facts));
  }
  const waiting: Intent = {
    ...confirmed,
    status: 'requires_action',
    nextAction: { returnUrl: confirmation.returnUrl },
  };
  return {
    shows: waiting,
    puts: [...before, waiting],
    events: [{ type: 'payment_intent.requires_action', row: waiting }],
  };
}

/** The buyer's bank has answered: the second half of confirm for a card that asks for authentication. */
export function authenticate(intent: Intent, passed: boolean, facts: Facts): Decision {
  const method = intent.methodId === null ? undefined : facts.method(intent.methodId);
  if (intent.status !== 'requires_action' || method === undefined) {
    throw unexpectedState(
      intent,
      `There is nothing to authenticate: the PaymentIntent has a status of ${intent.status}.`,
    );
  }
  if (passed) {
    const decision = chargeMethod({ ...intent, nextAction: null }, method, facts);
    // No answer is needed here: the page reads the result from the intent.
    return { shows: decision.shows, puts: decision.puts, events: decision.events };
  }
  const error: PaymentError = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    declineCode: null,
    message:
      'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
    param: null,
    chargeId: null,
    methodId: method.id,
  };
  const next: Intent = {
    ...intent,
    status: 'requires_payment_method',
    methodId: null,
    nextAction: null,
    lastError: error,
  };
  return { shows: next, puts: [next], events: [{ type: 'payment_intent.payment_failed', row: next }] };
}

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

/** The buyer of some test cards disputes the charge as soon as the money is taken. */
function disputedAtOnce(charge: Charge, method: Method | undefined, facts: Facts, decision: Decision): Decision {
  const reason = method && testCard(method.testCard).disputes;
  if (!reason) return decision;
  const { puts, events } = openDispute(charge, reason, facts);
  return { ...decision, puts: [...decision.puts, ...puts], events: [...decision.events, ...events] };
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

function chargeMethod(intent: Intent, method: Method, facts: Facts): Decision {
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

function decline402(intent: Intent, method: Method, why: Decline, facts: Facts): Decision {
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

function errorOf(why: Decline, chargeId: string, methodId: string): PaymentError {
  return { ...why, param: null, chargeId, methodId };
}

function refusalFor(why: Decline, intent: Intent, method: Method | undefined, charge: string): Refusal {
  const { type, code, declineCode, message } = why;
  return new Refusal(
    type === 'card_error' ? 402 : 400,
    { type, code, message, charge, ...(declineCode === null ? {} : { decline_code: declineCode }) },
    { remembered: true, intent, method },
  );
}

function mayRedirect(intent: Intent): boolean {
  const onlyCards = intent.allowedTypes?.every((type) => type === 'card') ?? false;
  return intent.automaticMethods?.allowRedirects === 'always' && !onlyCards;
}

function chargeOf(intent: Intent, facts: Facts): Charge {
  const charge = intent.chargeId === null ? undefined : facts.charge(intent.chargeId);
  if (charge === undefined) throw new Error(`${intent.id} is ${intent.status} without a charge`);
  return charge;
}

function withRows(rows: Row[], decision: Decision): Decision {
  return { ...decision, puts: [...rows, ...decision.puts] };
}
