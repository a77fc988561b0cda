import { z } from 'zod';

/**
 * What the sandbox remembers. A row is never edited in place: a change puts a new row with the same id, so an event and
 * a kept answer may go on pointing at the row as it was. Instants are seconds, as on Stripe's wire.
 */
const seconds = z.int();
const text = z.string().nullable();

export const Method = z.object({
  kind: z.literal('method'),
  id: z.string(),
  created: seconds,
  type: z.enum(['card', 'ideal']),
  testCard: z.string().describe('Which entry of cards.ts decides how it behaves'),
  last4: z.string(),
  brand: z.string(),
  expMonth: z.int(),
  expYear: z.int(),
  name: text,
  email: text,
});
export type Method = z.infer<typeof Method>;

export const PaymentError = z.object({
  type: z.enum(['card_error', 'invalid_request_error']),
  code: z.string(),
  declineCode: text,
  message: z.string(),
  param: text,
  chargeId: text,
  methodId: text,
});
export type PaymentError = z.infer<typeof PaymentError>;

export const IntentStatus = z.enum([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
  'succeeded',
  'canceled',
]);
export type IntentStatus = z.infer<typeof IntentStatus>;

export const CaptureMethod = z.enum(['automatic', 'automatic_async', 'manual']);

export const Intent = z.object({
  kind: z.literal('intent'),
  id: z.string(),
  created: seconds,
  secret: z.string(),
  status: IntentStatus,
  amount: z.int(),
  capturable: z.int(),
  received: z.int(),
  currency: z.string(),
  captureMethod: CaptureMethod,
  cardCaptureMethod: z.literal('manual').nullable().describe('payment_method_options[card][capture_method]'),
  automaticMethods: z.object({ allowRedirects: z.enum(['always', 'never']) }).nullable(),
  allowedTypes: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.string()),
  description: text,
  receiptEmail: text,
  statementDescriptor: text,
  statementDescriptorSuffix: text,
  methodId: text,
  chargeId: text,
  lastError: PaymentError.nullable(),
  nextAction: z.object({ returnUrl: text }).nullable(),
  canceledAt: seconds.nullable(),
  cancellationReason: text,
});
export type Intent = z.infer<typeof Intent>;

export const Charge = z.object({
  kind: z.literal('charge'),
  id: z.string(),
  created: seconds,
  intentId: z.string(),
  methodId: z.string(),
  status: z.enum(['succeeded', 'failed']),
  amount: z.int(),
  captured: z.boolean(),
  amountCaptured: z.int(),
  amountRefunded: z.int(),
  currency: z.string(),
  captureBefore: seconds.nullable(),
  disputed: z.boolean().default(false),
  failure: z.object({ code: z.string(), declineCode: text, message: z.string() }).nullable(),
  description: text,
  metadata: z.record(z.string(), z.string()),
});
export type Charge = z.infer<typeof Charge>;

export const Refund = z.object({
  kind: z.literal('refund'),
  id: z.string(),
  created: seconds,
  intentId: z.string(),
  chargeId: z.string(),
  amount: z.int(),
  currency: z.string(),
  reason: text,
  released: z.boolean().describe('An authorization let go, not captured money given back'),
  metadata: z.record(z.string(), z.string()),
  status: z.enum(['pending', 'succeeded', 'failed']).default('succeeded'),
  failureReason: text.default(null),
  settlesAt: seconds.nullable().default(null).describe('When the bank decides, for the cards whose refunds take time'),
});
export type Refund = z.infer<typeof Refund>;

export const DisputeStatus = z.enum(['warning_needs_response', 'warning_closed', 'needs_response', 'won', 'lost']);

export const Dispute = z.object({
  kind: z.literal('dispute'),
  id: z.string(),
  created: seconds,
  intentId: z.string(),
  chargeId: z.string(),
  amount: z.int(),
  currency: z.string(),
  reason: z.string(),
  status: DisputeStatus,
});
export type Dispute = z.infer<typeof Dispute>;

export const Row = z.discriminatedUnion('kind', [Method, Intent, Charge, Refund, Dispute]);
export type Row = z.infer<typeof Row>;

export const EventType = z.enum([
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.captured',
  'charge.expired',
  'charge.refunded',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
  'refund.created',
  'refund.updated',
  'refund.failed',
]);
export type EventType = z.infer<typeof EventType>;
