import type { Aggregates } from '@box-office/common/messaging/store';
import type { PayableOrders } from './payable-order.ts';
import { nextStep, observe, type Payment, refuseCapture, withIntent } from './payment.ts';
import { CaptureRefused, type Intent, type Till } from './stripe.ts';

export interface SettleParts {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: PayableOrders;
  readonly till: Till;
  readonly now: () => Date;
}

/** Brings one payment to where its order and Stripe say it should be. */
export type Settle = (orderId: string) => Promise<void>;

/**
 * Looks at the intent as it is at Stripe, follows it, and does what the order now asks for: capture, void, refund or nothing.
 * Webhooks, events and the reconciler all come here, and none of them is believed beyond the hint that it is worth a look.
 * So it does not matter which of them comes, how often, in which order, or after which crash.
 *
 * @throws what Stripe or the store throws when they are away; nothing is lost, and it may simply be called again
 */
export function createSettle({ payments, payableOrders, till, now }: SettleParts): Settle {
  async function look(payment: Payment): Promise<Intent> {
    const intent = await till.retrieve(payment.stripeId ?? (await intentOf(payments, till, payment)).id);
    await payments.change(payment.id, (it) => observe(it, intent, now()));
    return intent;
  }

  return async (orderId) => {
    const before = await payments.find(orderId);
    if (!before) return;
    const intent = await look(before);
    const [payment, order] = await Promise.all([payments.get(orderId), payableOrders.find(orderId)]);
    switch (nextStep(payment, order, intent)) {
      case 'none':
        return;
      case 'capture':
        try {
          await till.capture(orderId, intent.id);
        } catch (error) {
          if (!(error instanceof CaptureRefused)) throw error;
          await payments.change(orderId, refuseCapture);
          await till.void(orderId, intent.id);
        }
        break;
      case 'void':
        await till.void(orderId, intent.id);
        break;
      case 'refund':
        await till.refund(orderId, intent.id);
        break;
    }
    await look(await payments.get(orderId));
  };
}

/** The payment's intent at Stripe, made if there is none: the same one however often this runs. */
export async function intentOf(payments: Aggregates<Payment>, till: Till, payment: Payment): Promise<Intent> {
  if (payment.stripeId) return till.retrieve(payment.stripeId);
  const intent = await till.create(payment);
  await payments.change(payment.id, (it) => withIntent(it, intent.id));
  return intent;
}
