import type { Order } from '@box-office/common/contracts/orders';
import { NewPayment, NewRefund, PaymentIntentAnswer, RefundAnswer } from '@box-office/common/contracts/payments';
import type { IdempotencyKeys } from '@box-office/common/http/idempotency';
import { type Api, type Route, route } from '@box-office/common/http/route';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import type { Settle } from './hint.ts';
import { amountRefused, begin, mustBeOpen, mustBePayable, type Payment, refuseIntent, withIntent } from './payment.ts';
import { mustBeSeller, notCaptured } from './refund.ts';
import { intentOf } from './settle.ts';
import { type Intent, isStripeAway, Refused, type StripePayments, stripeUnavailable } from './stripe.ts';
import { type WebhookParts, webhook } from './webhook.ts';
import { type Wish, wishOf } from './wish.ts';

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
          const order = mustBePayable(found, user, parts.now());
          const { isNew, answer } = await begunFor(order, parts);
          return { status: isNew ? 201 : 200, body: answer };
        });
      },
    }),

    route('POST /api/payments/:orderId/refund', {
      who: 'signedIn',
      summary: 'Refund the buyer of my ticket, in full or in part',
      body: NewRefund,
      keys: parts.keys,
      answers: {
        200: {
          description: 'Refunded. In full: now or already, never twice. In part: once for each request or key',
          body: RefundAnswer,
        },
      },
      problems: [
        'not-your-sale',
        'payment-not-captured',
        'refund-refused',
        'refund-too-large',
        'refund-postponed',
        'busy',
        'stripe-unavailable',
      ],
      async handle({ user, params, body, once }) {
        const order = mustBeSeller(await parts.payableOrders.find(params.orderId), user);
        const wish = (id: string) => wishOf(order, body, id, parts.now());
        return once(async ({ id }) => ({ status: 200, body: await refundOf(order, wish(id), parts) }));
      },
    }),
  ];
}

async function begunFor(order: Order, parts: PaymentRoutes): Promise<{ isNew: boolean; answer: PaymentIntentAnswer }> {
  const { payments, atStripe, now } = parts;
  const before = await payments.find(order.id);
  if (before) return { isNew: false, answer: await resumed(before, parts) };
  const begun = begin(order, now()).next;
  // The intent is made first, so that one write stores the payment with it. Nobody can confirm an intent whose client
  // secret was never answered, so one that a crash leaves without a payment takes no money, and the idempotency key
  // leads the next attempt to it.
  const intent = await orRefused(atStripe.create(begun));
  const change = intent ? withIntent(begun, intent.id) : refuseIntent(begun, now());
  try {
    await payments.add(change);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // Another request for the same order was faster.
    return { isNew: false, answer: await resumed(await payments.get(order.id), parts) };
  }
  // If the order was cancelled meanwhile, the payment is voided when the buyer confirms it, or else by the reconciler.
  return { isNew: true, answer: answerTo(begun, intent, parts) };
}

async function resumed(payment: Payment, parts: PaymentRoutes): Promise<PaymentIntentAnswer> {
  mustBeOpen(payment);
  return answerTo(payment, await orUnavailable(intentOf(parts, payment)), parts);
}

function answerTo(
  { amount, currency }: Payment,
  intent: Intent | undefined,
  { publishableKey }: PaymentRoutes,
): PaymentIntentAnswer {
  if (!intent) throw amountRefused();
  return { clientSecret: intent.clientSecret, publishableKey, amount, currency };
}

const orRefused = (made: Promise<Intent>): Promise<Intent | undefined> =>
  orUnavailable(made).catch((error: unknown) => {
    if (error instanceof Refused) return undefined;
    throw error;
  });

const orUnavailable = <Result>(asked: Promise<Result>): Promise<Result> =>
  asked.catch((error: unknown) => {
    throw isStripeAway(error) ? stripeUnavailable(error) : error;
  });

async function refundOf(order: Order, wish: Wish, { payments, settle }: PaymentRoutes): Promise<RefundAnswer> {
  if (!(await payments.find(order.id))) throw notCaptured();
  const { isMade } = wish;
  // Stored before Stripe is called: from now on the refund is made even if this process dies.
  let failure: unknown;
  if (!isMade(await payments.change(order.id, wish.want))) {
    await settle(order.id).catch((error: unknown) => {
      failure = error;
    });
  }
  const payment = await payments.get(order.id);
  if (isMade(payment)) {
    const { amount, currency, refunded } = payment;
    return { orderId: order.id, status: 'refunded', amount, refunded, currency };
  }
  // Refused now, or in answer to a concurrent request.
  if (!wish.isWanted(payment)) throw refundRefused(failure);
  if (payment.postponed) throw refundPostponed();
  // A refusal was that of another part, which was requested concurrently.
  if (failure && !isStripeAway(failure) && !(failure instanceof Refused)) throw failure;
  throw stripeUnavailable(failure, wish.kept);
}

const refundPostponed = () =>
  problem(
    'refund-postponed',
    'There is not enough balance at Stripe. The refund is recorded, and is made as soon as there is; do not request it again.',
  );

const refundRefused = (cause?: unknown) =>
  problem('refund-refused', 'Stripe currently refuses to refund this payment.', { cause });
