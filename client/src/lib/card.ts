import { z } from 'zod';

export const cardFields = ['number', 'expiry', 'cvc'] as const;
export type CardField = (typeof cardFields)[number];

export interface TypedCard {
  readonly number: string;
  readonly expMonth: string;
  readonly expYear: string;
  readonly cvc: string;
}

export type ReadCard = { readonly card: TypedCard } | { readonly faults: Readonly<Partial<Record<CardField, string>>> };

/** Parses what a person typed. Checks the format only; Stripe decides whether the card is valid. */
export function readCard(typed: Readonly<Record<CardField, string>>): ReadCard {
  const number = typed.number.replaceAll(/[\s-]/g, '');
  const cvc = typed.cvc.trim();
  const expiry = /^(\d{1,2})\s*[/.-]?\s*(\d{2}|20\d{2})$/.exec(typed.expiry.trim());
  const [, month = '', year = ''] = expiry ?? [];
  const faults: Partial<Record<CardField, string>> = {};
  if (!/^\d{12,19}$/.test(number)) faults.number = 'Your card number is incomplete.';
  if (!expiry || Number(month) < 1 || Number(month) > 12) faults.expiry = 'Enter the month and the year, like 12/34.';
  if (!/^\d{3,4}$/.test(cvc)) faults.cvc = 'The security code has three or four digits.';
  if (Object.keys(faults).length > 0) return { faults };
  return { card: { number, expMonth: `${Number(month)}`, expYear: `20${year.slice(-2)}`, cvc } };
}

/** The card in the format of Stripe's API: a form whose field names contain brackets. */
export function confirmationForm(card: TypedCard, clientSecret: string, returnUrl: string): URLSearchParams {
  return new URLSearchParams({
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': card.number,
    'payment_method_data[card][exp_month]': card.expMonth,
    'payment_method_data[card][exp_year]': card.expYear,
    'payment_method_data[card][cvc]': card.cvc,
    client_secret: clientSecret,
    return_url: returnUrl,
  });
}

/** The PaymentIntent that a client secret belongs to. */
export function intentIdOf(clientSecret: string): string {
  return clientSecret.split('_secret_')[0] ?? clientSecret;
}

const Intent = z.object({
  status: z.string(),
  next_action: z.object({ redirect_to_url: z.object({ url: z.url() }).optional() }).nullish(),
});

const StripeAnswer = z.union([
  z.object({
    error: z.object({
      message: z.string().default('Your card was not accepted.'),
      code: z.string().optional(),
      param: z.string().optional(),
      payment_intent: Intent.optional(),
    }),
  }),
  Intent,
]);

export type Confirmation =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'refused'; readonly message: string; readonly field?: CardField };

const accepted: readonly string[] = ['requires_capture', 'processing', 'succeeded'];

/** What Stripe's answer to a confirmation means for the buyer. */
export function confirmationOf(answer: unknown): Confirmation {
  const read = StripeAnswer.safeParse(answer);
  if (!read.success) return { kind: 'refused', message: 'The payment could not be checked. Try again in a moment.' };
  const result = read.data;
  if ('error' in result) {
    const { message, code, param, payment_intent: intent } = result.error;
    // Already paid, in another tab or before a reload.
    if (intent && code === 'payment_intent_unexpected_state' && accepted.includes(intent.status)) {
      return { kind: 'accepted' };
    }
    const field = fieldOf(code, param);
    return { kind: 'refused', message, ...(field ? { field } : {}) };
  }
  const url = result.next_action?.redirect_to_url?.url;
  if (result.status === 'requires_action' && url) return { kind: 'redirect', url };
  if (accepted.includes(result.status)) return { kind: 'accepted' };
  return { kind: 'refused', message: 'The payment was not completed. Try again, or use another card.' };
}

function fieldOf(code: string | undefined, param: string | undefined): CardField | undefined {
  const about = `${code ?? ''} ${param ?? ''}`;
  if (/cvc/.test(about)) return 'cvc';
  if (/exp_|expir/.test(about)) return 'expiry';
  if (/number/.test(about)) return 'number';
  return undefined;
}
