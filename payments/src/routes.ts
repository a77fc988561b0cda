import type { Order } from '@box-office/common/contracts/orders';
import { NewPayment, type PaymentIntentAnswer } from '@box-office/common/contracts/payments';
import type { IdempotencyKeys } from '@box-office/common/http/idempotency';
import { type Identity, requireUser, userOf } from '@box-office/common/http/identity';
import { conflict } from '@box-office/common/http/problem';
import { type Aggregates, isDuplicateKey } from '@box-office/common/messaging/store';
import { Router } from 'express';
import type { PayableOrders } from './payable-order.ts';
import { begin, mustBeOpen, mustBePayable, type Payment } from './payment.ts';
import { intentOf } from './settle.ts';
import { isStripeAway, stripeUnavailable, type Till } from './stripe.ts';

export interface PaymentRoutes {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: PayableOrders;
  readonly till: Till;
  readonly publishableKey: string;
  readonly identity: Identity;
  readonly keys: IdempotencyKeys;
  readonly now: () => Date;
}

export function routes({ payments, payableOrders, till, publishableKey, identity, keys, now }: PaymentRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });

  router.post('/api/payments', requireUser(identity), async (req, res) => {
    const { orderId } = NewPayment.parse(req.body);
    await keys.once(req, res, async () => {
      const order = mustBePayable(await payableOrders.find(orderId), userOf(res).id, now());
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
      throw conflict('amount-refused', 'Stripe takes no payment of this amount, so the order cannot be paid.');
    const answer: PaymentIntentAnswer = {
      clientSecret: intent.clientSecret,
      publishableKey,
      amount: payment.amount,
      currency: payment.currency,
    };
    return { isNew, answer };
  }

  return router;
}
