import type Stripe from 'stripe';

/** What can happen to money after capture. Payments that are still open are reconciled one by one. */
export const afterCapture = [
  'charge.refunded',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
  'refund.created',
  'refund.updated',
  'refund.failed',
] satisfies Stripe.EventListParams['types'];

/**
 * Events after which a look at Stripe finds nothing new: nothing has been authorized, taken or lost yet, or an event
 * about the intent says the same at the same moment (https://docs.stripe.com/api/events/types).
 */
const withoutNews = [
  'payment_intent.created',
  'payment_intent.processing',
  'payment_intent.requires_action',
  // With `payment_intent.amount_capturable_updated`, or with `payment_intent.succeeded`.
  'charge.pending',
  'charge.succeeded',
  'charge.captured',
  // Its description, its metadata or its place in Stripe's own accounts.
  'charge.updated',
] satisfies Stripe.EventListParams['types'];

/** Whether events of this type never change a payment. */
export const saysNothingNew = (type: string): boolean => withoutNews.some((it) => it === type);

/**
 * Whether events of this type are read from Stripe's list as well, in case the webhook was lost. Only these are
 * recorded once they are handled, so that the list does not lead to a look at each again. Any other may be repeated: it
 * is a hint to look at Stripe, and a second look changes nothing.
 */
export const isListed = (type: string): boolean => afterCapture.some((it) => it === type);

/** Whether events of this type are about authorizing or capturing, which is over once a payment is captured. */
export const concernsOpenPayments = (type: string): boolean => type.startsWith('payment_intent.');
