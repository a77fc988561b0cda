import type { Order } from '@box-office/common/contracts/orders';
import { NewPayment, type PaymentIntentAnswer, type RefundAnswer } from '@box-office/common/contracts/payments';
import type { IdempotencyKeys } from '@box-office/common/http/idempotency';
import { type Identity, requireUser, userOf } from '@box-office/common/http/identity';
import { idParam } from '@box-office/common/http/params';
import type { News } from '@box-office/common/messaging/news';
import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { Router } from 'express';
import { begin, mustBeOpen, mustBePayable, mustBeSeller, notCaptured, type Payment, wantRefund } from './payment.ts';
import { intentOf, type Settle } from './settle.ts';
import { isStripeAway, Refused, stripeUnavailable, type Till } from './stripe.ts';

export interface PaymentRoutes {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: News<Order>;
  readonly till: Till;
  readonly settle: Settle;
  readonly publishableKey: string;
  readonly identity: Identity;
  readonly keys: IdempotencyKeys;
  readonly now: () => Date;
}

export function routes(parts: PaymentRoutes): Router {
  const { payments, payableOrders, till, settle, publishableKey, identity, keys, now } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const signedIn = requireUser(identity);

  router.post('/api/payments', signedIn, async (req, res) => {
    const { orderId } = NewPayment.parse(req.body);
    // Before the key is used: the order may be heard of in a moment, and a 404 would be kept under the key.
    const heard = await payableOrders.find(orderId);
    await keys.once(req, res, async () => {
      const order = mustBePayable(heard, userOf(res).id, now());
      const { isNew, answer } = await begunFor(order);
      return { status: isNew ? 201 : 200, body: answer };
    });
  });

  async function begunFor(order: Order): Promise<{ isNew: boolean; answer: PaymentIntentAnswer }> {
    // Written before Stripe is asked: whatever happens next, somebody knows that there may be an intent to look after.
    const isNew = await payments.add(begin(order, now())).then(
      () => true,
      (error: unknown) => {
        if (isDuplicateKey(error)) return false;
        throw error;
      },
    );
    const payment = await payments.get(order.id);
    mustBeOpen(payment);
    const intent = await intentOf({ payments, till, now }, payment).catch((error: unknown) => {
      throw isStripeAway(error) ? stripeUnavailable(error) : error;
    });
    if (!intent)
      throw problem('amount-refused', 'Stripe takes no payment of this amount, so the order cannot be paid.');
    const answer: PaymentIntentAnswer = {
      clientSecret: intent.clientSecret,
      publishableKey,
      amount: payment.amount,
      currency: payment.currency,
    };
    return { isNew, answer };
  }

  router.post('/api/payments/:orderId/refund', signedIn, async (req, res) => {
    const order = mustBeSeller(await payableOrders.find(idParam(req, 'orderId')), userOf(res).id);
    await keys.once(req, res, async () => ({ status: 200, body: await refundOf(order) }));
  });

  async function refundOf(order: Order): Promise<RefundAnswer> {
    if (!(await payments.find(order.id))) throw notCaptured();
    // Written before Stripe is asked: from here on the money goes back, whoever of us dies.
    const asked = await payments.change(order.id, (it) => wantRefund(it, now()));
    if (asked.status !== 'refunded') {
      await settle(order.id).catch((error: unknown) => {
        if (error instanceof Refused) throw refundRefused(error);
        throw isStripeAway(error) ? stripeUnavailable(error, refundKept) : error;
      });
    }
    const { status, amount, currency } = await payments.get(order.id);
    // Somebody else asked at the same moment, and was told no.
    if (status !== 'refunded') throw refundRefused();
    return { orderId: order.id, status, amount, currency };
  }

  return router;
}

const refundKept = 'Stripe cannot be reached. The refund is noted and will be made; asking again does no harm.';

const refundRefused = (cause?: unknown) =>
  problem('refund-refused', 'Stripe does not give this money back at the moment.', { cause });
