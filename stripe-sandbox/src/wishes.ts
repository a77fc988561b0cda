import type { Confirmation, Edit, NewIntent } from './intents.ts';
import type { ConfirmParams, CreateParams, UpdateParams } from './params.ts';
import { invalid } from './refusal.ts';
import type { Intent } from './rows.ts';

/** What the parameters of a call ask for, in the words of intents.ts. */

/** When the money is taken is the seller's choice, not the browser's. */
export function refuseCaptureChoice(given: ConfirmParams): void {
  const chosen = given.capture_method !== undefined ? 'capture_method' : 'payment_method_options[card][capture_method]';
  if (given.capture_method === undefined && given.payment_method_options?.card?.capture_method === undefined) return;
  throw invalid(`The parameter ${chosen} needs a secret API key.`, chosen, 'secret_key_required');
}

/** return_url and its like mean something only to a call that confirms. */
export function refuseEarlyConfirmation(given: CreateParams): void {
  const names = ['return_url', 'off_session', 'error_on_requires_action'] as const;
  const early = names.find((name) => given[name] !== undefined);
  if (early) throw invalid(`You can only pass in the parameter \`${early}\` when confirming a PaymentIntent.`, early);
}

/** The method must be of a type that the intent allows. */
export function checkType(allowed: string[] | null, type: string | undefined): void {
  if (type === undefined || allowed === null || allowed.includes(type)) return;
  throw invalid(
    `The PaymentMethod provided (${type}) is not allowed for this PaymentIntent.`,
    'payment_method',
    'payment_intent_incompatible_payment_method',
  );
}

export function newIntent(given: CreateParams): NewIntent {
  const types = given.allowed_payment_method_types ?? given.payment_method_types ?? null;
  const automatic = given.automatic_payment_methods ?? { enabled: types === null, allow_redirects: 'always' };
  return {
    amount: given.amount,
    currency: given.currency,
    captureMethod: given.capture_method ?? 'automatic_async',
    cardCaptureMethod: given.payment_method_options?.card?.capture_method === 'manual' ? 'manual' : null,
    automaticMethods: automatic.enabled ? { allowRedirects: automatic.allow_redirects } : null,
    allowedTypes: types,
    metadata: given.metadata ?? {},
    description: given.description ?? null,
    receiptEmail: given.receipt_email ?? null,
    statementDescriptor: given.statement_descriptor ?? null,
    statementDescriptorSuffix: given.statement_descriptor_suffix ?? null,
  };
}

/**
 * Only what the call names; confirm and capture may name a part of what update may. An empty string unsets, an empty
 * piece of metadata removes its key.
 */
export function editOf(intent: Intent, given: UpdateParams): Edit {
  const edit: Edit = {};
  const types = given.allowed_payment_method_types ?? given.payment_method_types;
  const cardCapture = given.payment_method_options?.card?.capture_method;
  if (types !== undefined) edit.allowedTypes = types;
  if (cardCapture !== undefined) edit.cardCaptureMethod = cardCapture === 'manual' ? 'manual' : null;
  if (given.capture_method !== undefined) edit.captureMethod = given.capture_method;
  if (given.receipt_email !== undefined) edit.receiptEmail = given.receipt_email;
  if (given.amount !== undefined) edit.amount = given.amount;
  if (given.currency !== undefined) edit.currency = given.currency;
  if (given.description !== undefined) edit.description = given.description;
  if (given.statement_descriptor !== undefined) {
    edit.statementDescriptor = given.statement_descriptor;
  }
  if (given.statement_descriptor_suffix !== undefined) {
    edit.statementDescriptorSuffix = given.statement_descriptor_suffix;
  }
  if (given.metadata !== undefined) edit.metadata = withMetadata(intent, given.metadata).metadata;
  return edit;
}

function withMetadata(intent: Intent, changes: Record<string, string> | null | undefined): Intent {
  if (changes === undefined) return intent;
  if (changes === null) return { ...intent, metadata: {} };
  const merged = Object.entries({ ...intent.metadata, ...changes }).filter(([, value]) => value !== '');
  return { ...intent, metadata: Object.fromEntries(merged) };
}

export function confirmationOf(given: CreateParams | ConfirmParams): Omit<Confirmation, 'method'> {
  return {
    returnUrl: given.return_url ?? null,
    cannotAuthenticate: given.off_session === true || given.error_on_requires_action === true,
  };
}
