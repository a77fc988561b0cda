import { z } from 'zod';

/**
 * All problem codes and their HTTP statuses. Codes are stable, because programs depend on them. Decisions use codes
 * only; this table is the only place that maps them to statuses.
 */
export const problemStatus = {
  // Anywhere
  'invalid-request': 400,
  'invalid-json': 400,
  'invalid-encoding': 400,
  'invalid-path': 400,
  incomplete: 400,
  'not-signed-in': 401,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-slow': 408,
  busy: 409,
  'idempotency-key-in-use': 409,
  'version-moved': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  'idempotency-key-reused': 422,
  'too-many-requests': 429,
  internal: 500,
  unavailable: 503,
  'too-busy': 503,
  'identity-unavailable': 503,
  // Auth
  'invalid-credentials': 401,
  'cross-origin': 403,
  'already-signed-in': 409,
  'wrong-password': 403,
  'sign-in-again': 403,
  'guest-only': 409,
  'person-only': 409,
  'too-many-passkeys': 409,
  'link-not-valid': 410,
  // Tickets
  'not-your-ticket': 403,
  'ticket-reserved': 409,
  'ticket-withdrawn': 409,
  'not-your-show': 403,
  'show-preparing': 409,
  'show-cancelled': 409,
  'fewer-than-held': 409,
  // Orders
  'own-ticket': 409,
  'price-not-payable': 409,
  'show-over': 409,
  'not-on-sale': 409,
  'sold-out': 409,
  'seat-taken': 409,
  'limit-reached': 409,
  'order-paying': 409,
  'order-complete': 409,
  'not-resellable': 409,
  'still-available': 409,
  'already-waiting': 409,
  // Payments
  'bad-signature': 400,
  'not-your-sale': 403,
  'order-closed': 409,
  'amount-refused': 409,
  'payment-not-captured': 409,
  'refund-refused': 409,
  'refund-too-large': 409,
  'refund-postponed': 409,
  'stripe-unavailable': 503,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof problemStatus;

/** Members of some problems, for programs that offer something else. */
export const ProblemExtensions = z.object({
  left: z
    .array(z.object({ kindId: z.string(), left: z.int().nonnegative() }))
    .readonly()
    .optional()
    .describe('How many tickets of each kind are left (code `sold-out` only)'),
  seats: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('The seats that others have, by the ids of their tickets (code `seat-taken` only)'),
});
export type ProblemExtensions = z.infer<typeof ProblemExtensions>;

/** RFC 9457 problem details, the body of every error response (`application/problem+json`). */
export const ProblemDetails = z.object({
  type: z.string().default('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable, kebab-case, for programs'),
  detail: z.string().optional().describe('A sentence for people'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  errorId: z.string().optional().describe('Identifies the error in the log (status 500 only)'),
  ...ProblemExtensions.shape,
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;
