import { z } from 'zod';
import { invalid, missing, type Refusal } from './refusal.ts';
import { CaptureMethod } from './rows.ts';

/**
 * What each call accepts, as it comes out of the form encoding: strings, lists and objects of them. Parameters that
 * only Stripe knows are refused like any unknown one: better than ignoring them silently.
 */

const code = (name: string) => ({ params: { code: name } });

const integer = z
  .string()
  .refine((text) => /^-?\d{1,15}$/.test(text), { error: 'Invalid integer', ...code('parameter_invalid_integer') })
  .transform(Number);
const boolean = z.enum(['true', 'false']).transform((text) => text === 'true');
/** A word that may be unset by an empty string. */
const words = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((text) => (text === '' ? null : text));

const currencies = new Set(Intl.supportedValuesOf('currency').map((name) => name.toLowerCase()));
const currency = z
  .string()
  .toLowerCase()
  .refine((name) => currencies.has(name), 'Invalid currency. Stripe takes three-letter ISO codes');

const metadata = z.union([
  z.literal('').transform((): Record<string, string> | null => null),
  z
    .record(z.string().max(40), z.string().max(500))
    .refine((pairs) => Object.keys(pairs).length <= 50, 'Metadata may have up to 50 keys'),
]);

const common = { expand: z.array(z.string()).max(20).optional() };

const paymentMethodData = z.strictObject({
  type: z.enum(['card']),
  card: z.strictObject({
    number: z.string(),
    exp_month: z.string(),
    exp_year: z.string(),
    cvc: z.string().optional(),
  }),
  billing_details: z
    .strictObject({
      name: z.string().optional(),
      email: z.string().optional(),
      phone: z.string().optional(),
      address: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  allow_redisplay: z.string().optional(),
});
export type PaymentMethodData = z.infer<typeof paymentMethodData>;

const methodChoice = {
  payment_method: z.string().min(1).optional(),
  payment_method_data: paymentMethodData.optional(),
};

const payment = {
  ...common,
  allowed_payment_method_types: z.array(z.string()).optional(),
  // Gone from the API with 2026-10-28; api.ts refuses it from then on.
  payment_method_types: z.array(z.string()).optional(),
  payment_method_options: z
    .strictObject({
      card: z
        .strictObject({
          capture_method: z.enum(['manual', '']).optional(),
        })
        .optional(),
    })
    .optional(),
  capture_method: CaptureMethod.optional(),
  receipt_email: words(512).optional(),
  ...methodChoice,
};

const labels = {
  metadata: metadata.optional(),
  description: words(1000).optional(),
  statement_descriptor: words(22).optional(),
  statement_descriptor_suffix: words(22).optional(),
};

const confirmation = {
  return_url: z.url().optional(),
  off_session: boolean.optional(),
  error_on_requires_action: boolean.optional(),
};

export const CreateParams = z.strictObject({
  amount: integer,
  currency,
  automatic_payment_methods: z
    .strictObject({ enabled: boolean, allow_redirects: z.enum(['always', 'never']).default('always') })
    .optional(),
  confirm: boolean.optional(),
  confirmation_method: z.enum(['automatic']).optional(),
  ...payment,
  ...labels,
  ...confirmation,
});
export type CreateParams = z.infer<typeof CreateParams>;

export const UpdateParams = z.strictObject({
  amount: integer.optional(),
  currency: currency.optional(),
  ...payment,
  ...labels,
});
export type UpdateParams = z.infer<typeof UpdateParams>;

export const ConfirmParams = z.strictObject({
  ...payment,
  ...confirmation,
  client_secret: z.string().optional(),
});
export type ConfirmParams = z.infer<typeof ConfirmParams>;

export const CaptureParams = z.strictObject({
  ...common,
  amount_to_capture: integer.optional(),
  metadata: metadata.optional(),
  statement_descriptor_suffix: words(22).optional(),
});

export const CancelParams = z.strictObject({
  ...common,
  cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional(),
});

export const RefundParams = z.strictObject({
  ...common,
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  amount: integer.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
});
export type RefundParams = z.infer<typeof RefundParams>;

export const CloseParams = z.strictObject(common);

export const MethodParams = z.strictObject({ ...common, ...paymentMethodData.shape });

export const RetrieveParams = z.strictObject({ ...common, client_secret: z.string().optional() });

const instant = z.union([
  integer,
  z.strictObject({
    gt: integer.optional(),
    gte: integer.optional(),
    lt: integer.optional(),
    lte: integer.optional(),
  }),
]);

const page = {
  ...common,
  limit: integer.pipe(z.int().min(1).max(100)).default(10),
  starting_after: z.string().optional(),
  created: instant.optional(),
};
export const ListParams = z.strictObject(page);
export type ListParams = z.infer<typeof ListParams>;
export const ChargeListParams = z.strictObject({ ...page, payment_intent: z.string().optional() });
export const RefundListParams = z.strictObject({
  ...page,
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
});
export const EventListParams = z.strictObject({
  ...page,
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
  delivery_success: boolean.optional(),
});

/** Parses parameters, or refuses the first thing wrong with them the way Stripe puts it. */
export function parse<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue ? refusalOf(issue, params) : invalid('Invalid request.');
}

function refusalOf(issue: z.core.$ZodIssue, params: unknown): Refusal {
  if (issue.code === 'unrecognized_keys') {
    const name = bracketed([...issue.path, issue.keys[0] ?? '']);
    return invalid(`Received unknown parameter: ${name}`, name, 'parameter_unknown');
  }
  const name = bracketed(issue.path);
  const given = issue.path.reduce(childOf, params);
  if (given === undefined) return missing(name);
  if (given === '') {
    return invalid(
      `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a field; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
      name,
      'parameter_invalid_empty',
    );
  }
  const custom = issue.code === 'custom' && typeof issue.params?.code === 'string' ? issue.params.code : undefined;
  return invalid(`Invalid ${name}: ${issue.message}`, name, custom);
}

function childOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** payment_method_data[card][number] */
function bracketed([first, ...rest]: PropertyKey[]): string {
  return [String(first ?? ''), ...rest.map((part) => `[${String(part)}]`)].join('');
}
