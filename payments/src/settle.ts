import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import type { PayableOrders } from './payable-order.ts';
import {
  dropRefund,
  isOpen,
  isOver,
  nextStep,
  observe,
  type Payment,
  refuseCapture,
  refuseIntent,
  withIntent,
} from './payment.ts';
import { type Intent, Refused, type Till } from './stripe.ts';

export interface SettleParts {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: PayableOrders;
  readonly till: Till;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** One step and a look at what came of it is the rule; each further round means that somebody else moved the intent meanwhile. */
const maxRounds = 4;

/** Brings one payment to where its order and Stripe say it should be. */
export type Settle = (orderId: string) => Promise<void>;

/**
 * Looks at the intent as it is at Stripe, does what the order now asks for (capture, void, refund or nothing), and follows what came of it.
 * Webhooks, events and the reconciler all come here, and none of them is believed beyond the hint that it is worth a look.
 * So it does not matter which of them comes, how often, in which order, or after which crash: what is stored as over has nothing left to be done.
 *
 * @throws what Stripe or the store throws when they are away; nothing is lost, and it may simply be called again
 */
export function createSettle({ payments, payableOrders, till, now, logger }: SettleParts): Settle {
  async function refuse(orderId: string, stripeId: string): Promise<void> {
    // Stored first: after a crash here the cancelled intent must read as a failure.
    await payments.change(orderId, refuseCapture);
    await till.void(orderId, stripeId);
  }

  async function capture(orderId: string, stripeId: string): Promise<void> {
    try {
      await till.capture(orderId, stripeId);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await refuse(orderId, stripeId);
    }
  }

  async function refund(orderId: string, stripeId: string): Promise<void> {
    try {
      await till.refund(orderId, stripeId);
    } catch (error) {
      if (error instanceof Refused) await payments.change(orderId, dropRefund);
      throw error;
    }
  }

  const steps = { capture, refuse, void: till.void, refund };

  async function settle(orderId: string): Promise<void> {
    // After each step everything is read again: Stripe may have moved on between our look and our asking.
    for (let round = 1; round <= maxRounds; round++) {
      const payment = await payments.find(orderId);
      // Orders may announce all that were ever cancelled again: Stripe need not be asked about each.
      if (!payment || isOver(payment)) return;
      const intent = await intentOf({ payments, till, now }, payment);
      if (!intent) return;
      // Last of all: Stripe may take its time, and a reservation that comes after the order's end is not to be announced.
      const order = await payableOrders.find(orderId);
      const step = nextStep(payment, order, intent);
      if (step === 'none') {
        await payments.change(orderId, (it) => observe(it, intent, now()));
        return;
      }
      await steps[step](orderId, intent.id);
    }
    throw new Error('the payment does not come to rest');
  }

  return (orderId) =>
    settle(orderId).catch((error: unknown) => {
      // Whoever asked tries again, some of them without a word: a wrong key must not look like silence.
      logger.warn({ err: error, orderId }, 'could not settle a payment yet');
      throw error;
    });
}

/**
 * The payment's intent as it is at Stripe now, made if there is none: the same one however often this runs.
 * None when Stripe refuses to make one, which ends the payment.
 */
export async function intentOf(
  { payments, till, now }: Pick<SettleParts, 'payments' | 'till' | 'now'>,
  payment: Payment,
): Promise<Intent | undefined> {
  const { id, stripeId } = payment;
  if (stripeId) return till.retrieve(stripeId);
  if (!isOpen(payment)) return undefined;
  try {
    const made = await till.create(payment);
    const stored = await payments.change(id, (it) => withIntent(it, made.id));
    // A repeated request is answered with the intent as it was when it was made.
    return await till.retrieve(stored.stripeId ?? made.id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await payments.change(id, (it) => refuseIntent(it, now()));
    return undefined;
  }
}
