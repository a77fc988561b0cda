import { type Decline, testCard } from './cards.ts';
import { chargeMethod, decline402 } from './charging.ts';
import type { Decision, Facts } from './decision.ts';
import { invalid, unexpectedState } from './refusal.ts';
import type { Intent, IntentStatus, Method, PaymentError, Row } from './rows.ts';

/** A payment on its way to a card that can be charged. How it ends is in ending.ts. */

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

function mayRedirect(intent: Intent): boolean {
  const onlyCards = intent.allowedTypes?.every((type) => type === 'card') ?? false;
  return intent.automaticMethods?.allowRedirects === 'always' && !onlyCards;
}

function withRows(rows: Row[], decision: Decision): Decision {
  return { ...decision, puts: [...rows, ...decision.puts] };
}
