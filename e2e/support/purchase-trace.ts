import type { ReceivedSpan } from '@box-office/common/testing/spans';

/** What happens in a purchase, each with what it follows from: `process span <- span above it`. */
export const purchase: readonly string[] = [
  // The click reserves the ticket.
  'client click reserve <- nothing',
  'gateway POST <- client click reserve',
  'auth GET /identity <- gateway AuthRequest',
  'orders POST /api/orders <- gateway ReverseProxy',
  'orders insert orders <- orders POST /api/orders',
  'orders publish orders.*.created <- orders POST /api/orders',
  'tickets process orders.*.created <- orders publish orders.*.created',
  'tickets update tickets <- tickets process orders.*.created',
  'payments process orders.*.created <- orders publish orders.*.created',
  'expiration process orders.*.created <- orders publish orders.*.created',
  'mail process orders.*.created <- orders publish orders.*.created',
  // The shop's server makes the page of the order, of what it asks through the gateway.
  'gateway GET <- client click reserve',
  'client GET /orders/:id <- gateway ReverseProxy',
  'client GET <- client GET /orders/:id',
  'gateway GET <- client GET',
  'orders GET /api/orders/:id <- gateway ReverseProxy',
  // The page of the order prepares the payment.
  'payments POST /api/payments <- gateway ReverseProxy',
  'payments POST <- payments POST /api/payments',
  'stripe POST /v1/payment_intents <- payments POST',
  // The buyer pays, from the browser to Stripe, which sends a webhook.
  'client click pay <- orders POST /api/orders',
  'stripe POST /v1/payment_intents/:id/confirm <- client click pay',
  'stripe send payment_intent.amount_capturable_updated <- stripe POST /v1/payment_intents/:id/confirm',
  'gateway POST <- stripe POST',
  'payments POST /api/payments/webhook <- gateway ReverseProxy',
  'payments publish payments.*.authorized <- payments POST /api/payments/webhook',
  // The ticket is the buyer's once the money is captured.
  'orders process payments.*.authorized <- payments publish payments.*.authorized',
  'orders publish orders.*.awaiting-payment <- orders process payments.*.authorized',
  'payments process orders.*.awaiting-payment <- orders publish orders.*.awaiting-payment',
  'stripe POST /v1/payment_intents/:id/capture <- payments POST',
  'payments publish payments.*.captured <- payments process orders.*.awaiting-payment',
  'orders process payments.*.captured <- payments publish payments.*.captured',
  'orders publish orders.*.completed <- orders process payments.*.captured',
  // Everybody who has a copy of it learns that.
  'tickets process orders.*.completed <- orders publish orders.*.completed',
  'tickets update tickets <- tickets process orders.*.completed',
  'payments update payable-orders <- payments process orders.*.completed',
  'expiration process orders.*.completed <- orders publish orders.*.completed',
  'mail process orders.*.completed <- orders publish orders.*.completed',
  'mail send a mail <- orders POST /api/orders',
];

/** The spans of one trace in the form of `purchase`. */
export function stepsOf(spans: readonly ReceivedSpan[], traceId: string): ReadonlySet<string> {
  const own = new Map(spans.filter((span) => span.traceId === traceId).map((span) => [span.spanId, span]));
  const title = (span: ReceivedSpan | undefined) => (span ? `${span.service} ${span.name}` : 'nothing');
  return new Set([...own.values()].map((span) => `${title(span)} <- ${title(own.get(span.parentSpanId ?? ''))}`));
}
