import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Charge, Currency, Id, Instant, Version } from './primitives.ts';

export const PaymentStatus = z.enum(['pending', 'authorized', 'captured', 'failed', 'voided', 'refunded']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

export const DisputeStatus = z.enum(['inquiry', 'open', 'won', 'lost']);
export type DisputeStatus = z.infer<typeof DisputeStatus>;

/** What a buyer's bank says about a payment that the buyer does not accept. */
export const Dispute = z.object({
  status: DisputeStatus.describe(
    'An inquiry moves no money. While a dispute is open, and once it is lost, the money is with the buyer’s bank',
  ),
  amount: Charge,
});
export type Dispute = z.infer<typeof Dispute>;

export const Payment = z.object({
  id: Id.describe('The id of the order; an order has one payment'),
  version: Version,
  orderId: Id,
  userId: z.string().describe('The buyer'),
  status: PaymentStatus,
  amount: Charge,
  currency: Currency,
  stripeId: z.string().nullable().describe('The PaymentIntent, once there is one'),
  refunded: z
    .int()
    .nonnegative()
    .optional()
    .describe('How much of the amount was refunded so far; missing in events of earlier releases'),
  refundedTickets: z
    .array(Id)
    .optional()
    .describe('The tickets that were refunded one by one; missing if there are none, or if everything was refunded'),
  refundFailedTickets: z
    .array(Id)
    .optional()
    .describe(
      'The tickets whose refund was refused or taken back, unless another followed; missing unless the payment is ' +
        'captured',
    ),
  awaitsBalanceSince: Instant.optional().describe(
    'Since when a refund waits for enough balance at Stripe, if one does; it is tried again by itself',
  ),
  dispute: Dispute.nullable().optional().describe('Null if there is none; missing in events of earlier releases'),
});
export type Payment = z.infer<typeof Payment>;

/** The body of POST /api/payments. */
export const NewPayment = z.strictObject({ orderId: z.string() });

/** The answer of POST /api/payments: what a browser needs to confirm the PaymentIntent with Stripe. */
export const PaymentIntentAnswer = z.object({
  clientSecret: z.string(),
  publishableKey: z.string(),
  amount: Charge,
  currency: Currency,
});
export type PaymentIntentAnswer = z.infer<typeof PaymentIntentAnswer>;

/** Most tickets that are refunded with one request: as many as an order may have. */
const mostTickets = 50;

/** The body of POST /api/payments/:orderId/refund: what to refund. Without a body all that is left is refunded. */
export const NewRefund = z
  .strictObject({
    amount: Charge.exactOptional(),
    tickets: z
      .array(z.string())
      .min(1, 'must not be empty')
      .max(mostTickets, `must be at most ${mostTickets}`)
      .exactOptional()
      .describe('The ids of tickets of the order, each of which is refunded at its price'),
  })
  .refine(({ amount, tickets }) => (amount === undefined) !== (tickets === undefined), {
    path: ['amount'],
    message: 'must be given, or else tickets',
  })
  .optional();

/** The answer of POST /api/payments/:orderId/refund. */
export const RefundAnswer = z.object({
  orderId: Id,
  status: z.literal('refunded').describe('What was asked for is refunded, which may be a part'),
  amount: Charge.describe('What the buyer had paid, in the smallest unit of the currency'),
  refunded: z.int().nonnegative().describe('How much of it was refunded so far'),
  currency: Currency,
});
export type RefundAnswer = z.infer<typeof RefundAnswer>;

const event = (type: string, summary: string) => defineEvent({ type, announcedBy: 'payments', data: Payment, summary });

export const PaymentAuthorized = event(
  'payment.authorized',
  'The money is reserved on the buyer’s card, but not captured.',
);
export const PaymentCaptured = event('payment.captured', 'The money was captured.');
export const PaymentFailed = event('payment.failed', 'Stripe refused the payment or its capture; no money was taken.');
export const PaymentVoided = event('payment.voided', 'The authorization on the card was released.');
export const PaymentRefunded = event('payment.refunded', 'All of the captured money was refunded.');
export const PaymentPartlyRefunded = event(
  'payment.partly-refunded',
  'A part of the captured money was refunded; `refunded` says how much so far, `refundedTickets` for which tickets.',
);
export const PaymentRefundFailed = event(
  'payment.refund-failed',
  'A refund was taken back after it had been made, usually by the buyer’s bank, or Stripe refused to refund a ticket that has ended; `refunded` says how much is refunded now.',
);
export const PaymentRefundPostponed = event(
  'payment.refund-postponed',
  'A refund waits for enough balance at Stripe, or no longer does without having been made; `awaitsBalanceSince` says which.',
);
export const PaymentDisputed = event(
  'payment.disputed',
  'The buyer’s bank has opened, changed or decided a dispute over captured money; `dispute` says which.',
);
