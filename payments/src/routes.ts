import type { Order } from '@box-office/common/contracts/orders';
import { NewPayment, PaymentIntentAnswer, RefundAnswer } from '@box-office/common/contracts/payments';
import type { IdempotencyKeys } from '@box-office/common/http/idempotency';
import { type Api, type Route, route } from '@box-office/common/http/route';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import {
  amountRefused,
  begin,
  mustBeOpen,
  mustBePayable,
  mustBeSeller,
  notCaptured,
  type Payment,
  wantRefund,
} from './payment.ts';
import { intentOf, type Settle } from './settle.ts';
import { isStripeAway, Refused, type StripePayments, stripeUnavailable } from './stripe.ts';
import { type WebhookParts, webhook } from './webhook.ts';

export interface PaymentRoutes {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: AwaitedCopies<Order>;
  readonly atStripe: StripePayments;
  readonly settle: Settle;
  readonly publishableKey: string;
  readonly keys: IdempotencyKeys;
  readonly now: () => Date;
}

export const api = (parts: PaymentRoutes & WebhookParts): Api => ({
  name: 'payments',
  summary: 'The money of each order, kept in step with Stripe and with the order.',
  routes: [...routes(parts), webhook(parts)],
});

function routes(parts: PaymentRoutes): Route[] {
  return [
    route('POST /api/payments', {
      who: 'signedIn',
      summary: 'Begin or resume the payment of an order',
      body: NewPayment,
      keys: parts.keys,
      answers: {
        201: { description: 'What a browser needs to confirm the payment with Stripe', body: PaymentIntentAnswer },
        200: { description: 'The same, if it was begun before', body: PaymentIntentAnswer },
      },
      problems: ['not-found', 'order-closed', 'show-over', 'amount-refused', 'busy', 'stripe-unavailable'],
      async handle({ user, body, once }) {
        // Before the key is used: the order's event may arrive in a moment, but a 404 would be stored under the key.
        const found = await parts.payableOrders.find(body.orderId);
        return once(async () => {
          const order = mustBePayable(found, user.id, parts.now());
          const { isNew, answer } = await begunFor(order, parts);
          return { status: isNew ? 201 : 200, body: answer };
        });
      },
    }),

    route('POST /api/payments/:orderId/refund', {
      who: 'signedIn',
      summary: 'Refund the buyer of my ticket in full',
      keys: parts.keys,
      answers: { 200: { description: 'Refunded, now or already; never twice', body: RefundAnswer } },
      problems: ['not-your-sale', 'payment-not-captured', 'refund-refused', 'busy', 'stripe-unavailable'],
      async handle({ user, params, once }) {
        const order = mustBeSeller(await parts.payableOrders.find(params.orderId), user.id);
        return once(async () => ({ status: 200, body: await refundOf(order, parts) }));
      },
    }),
  ];
}

async function begunFor(
  order: Order,
  { payments, atStripe, now, publishableKey }: PaymentRoutes,
): Promise<{ isNew: boolean; answer: PaymentIntentAnswer }> {
  // Stored before Stripe is called, so that after a crash the reconciler knows that there may be an intent.
  const isNew = await payments.add(begin(order, now())).then(
    () => true,
    (error: unknown) => {
      if (isDuplicateKey(error)) return false;
      throw error;
    },
  );
  const payment = await payments.get(order.id);
  mustBeOpen(payment);
  const intent = await intentOf({ payments, atStripe, now }, payment).catch((error: unknown) => {
    throw isStripeAway(error) ? stripeUnavailable(error) : error;
  });
  if (!intent) throw amountRefused();
  const { amount, currency } = payment;
  return { isNew, answer: { clientSecret: intent.clientSecret, publishableKey, amount, currency } };
}

async function refundOf(order: Order, { payments, settle, now }: PaymentRoutes): Promise<RefundAnswer> {
  if (!(await payments.find(order.id))) throw notCaptured();
  // Stored before Stripe is called: from now on the refund is made even if this process dies.
  const requested = await payments.change(order.id, (it) => wantRefund(it, now()));
  if (requested.status !== 'refunded') {
    await settle(order.id).catch((error: unknown) => {
      if (error instanceof Refused) throw refundRefused(error);
      throw isStripeAway(error) ? stripeUnavailable(error, refundKept) : error;
    });
  }
  const { status, amount, currency } = await payments.get(order.id);
  // A concurrent request was refused by Stripe.
  if (status !== 'refunded') throw refundRefused();
  return { orderId: order.id, status, amount, currency };
}

const refundKept = 'Stripe cannot be reached. The refund is recorded and will be made; it is safe to request it again.';

const refundRefused = (cause?: unknown) =>
  problem('refund-refused', 'Stripe currently refuses to refund this payment.', { cause });
