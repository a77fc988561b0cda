import { isDeepStrictEqual } from 'node:util';
import type { Order } from '@box-office/common/contracts/orders';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { unchanged } from '@box-office/common/store/change';
import { aboutOrder, inTrace } from '@box-office/common/telemetry/span';
import type { Logger } from 'pino';
import type { Hint, Settle } from './hint.ts';
import { inTurn } from './in-turn.ts';
import { owe } from './owed.ts';
import { pendingParts } from './part-refund.ts';
import type { PayableOrders } from './payable-order.ts';
import {
  type IntentView,
  isCaptured,
  isOpen,
  isOver,
  nextStep,
  observe,
  type Payment,
  refuseCapture,
  refuseIntent,
  type Step,
  withIntent,
} from './payment.ts';
import { postpone, type Unpaid } from './postponed.ts';
import { dropPartRefund, dropRefund, observeToRefund } from './refund.ts';
import { type Intent, Postponed, Refused, type StripePayments } from './stripe.ts';

export interface SettleParts {
  readonly payments: Aggregates<Payment>;
  readonly payableOrders: PayableOrders;
  readonly atStripe: StripePayments;
  readonly now: () => Date;
  readonly logger: Logger;
}

type Seen = IntentView & Pick<Intent, 'id'>;

/** Usually one step and one check of its result; each further round means that the intent changed concurrently. */
const maxRounds = 6;

/**
 * Reads the intent from Stripe, does what the order now requires (capture, void, refund or nothing), and stores the
 * result. Webhooks, events and the reconciler all call this, and are only treated as hints that something may have
 * changed. So it does not matter which of them comes, how often, in which order, or after which crash: a payment stored
 * as over needs nothing more.
 *
 * @throws what Stripe or the store throws when they are unavailable; nothing is lost, and the call may be repeated
 */
export function createSettle({ payments, payableOrders, atStripe, now, logger }: SettleParts): Settle {
  type TakeStep = (payment: Payment, seen: Seen, order: Order | null) => Promise<Intent | undefined>;

  const refuse: TakeStep = async ({ id }, intent) => {
    // Stored first, so that after a crash the cancelled intent is recognized as a failure.
    await payments.change(id, refuseCapture);
    return atStripe.void(id, intent.id);
  };

  const capture: TakeStep = async (payment, intent, order) => {
    try {
      return await atStripe.capture(payment.id, intent.id);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return refuse(payment, intent, order);
    }
  };

  const refund: TakeStep = async (before, intent) => {
    // Stored first, with what was seen: the money of a cancelled order may not even be known as captured.
    const stored = await store(before, intent, observeToRefund);
    if (!stored) return undefined;
    const { id, failedRefunds, wholePostponed: postponed } = stored;
    try {
      await atStripe.refund(id, intent.id, { failedBefore: failedRefunds, postponed });
      return undefined;
    } catch (error) {
      if (error instanceof Postponed) return wait(id, [{ partId: null, postponed }], error);
      if (error instanceof Refused) await payments.change(id, dropRefund);
      throw error;
    }
  };

  async function wait(id: string, unpaid: readonly Unpaid[], err: Postponed): Promise<undefined> {
    const { postponed } = await payments.change(id, (it) => postpone(it, unpaid, now()));
    logger.warn({ err, orderId: id, retryAt: postponed?.retryAt }, 'a refund waits for balance at Stripe');
  }

  /** Each round sees in Stripe's list which of them are made. */
  const refundParts: TakeStep = async (before, intent, order) => {
    const { id, ...payment } = await payments.change(before.id, (it) => owe(it, order, now()), before);
    // Not asked about: a payment that was put back from a backup does not know what was refunded since.
    if (!intent.parts) return undefined;
    let [refused, postponed]: [Refused?, Postponed?] = [];
    const unpaid: Unpaid[] = [];
    for (const part of pendingParts(payment, intent.parts)) {
      try {
        await atStripe.refundPart(id, intent.id, part);
      } catch (error) {
        if (error instanceof Postponed) {
          unpaid.push({ partId: part.id, postponed: part.postponed });
          postponed = error;
          continue;
        }
        if (!(error instanceof Refused)) throw error;
        await payments.change(id, (it) => dropPartRefund(it, part.id, now()));
        refused = error;
      }
    }
    if (postponed) await wait(id, unpaid, postponed);
    if (refused) throw refused;
    return undefined;
  };

  const steps: Readonly<Record<Step, TakeStep>> = {
    ...{ capture, refuse, refund, refundParts },
    void: ({ id }, intent) => atStripe.void(id, intent.id),
  };

  /** Stores what was seen after the payment was read. Null if another look, maybe a newer one, was stored since. */
  async function store(before: Payment, seen: IntentView, look = observe): Promise<Payment | null> {
    let isOutdated = false;
    const decide = (it: Payment) => {
      // Not by the version, which stays when nothing is announced.
      isOutdated = !isDeepStrictEqual(it, before) && !isOpen(it);
      return isOutdated ? unchanged(it) : look(it, seen, now());
    };
    const stored = await payments.change(before.id, decide, before);
    return isOutdated ? null : stored;
  }

  async function settle(orderId: string, hint?: Hint): Promise<void> {
    const payment = await payments.find(orderId);
    if (!payment || isOver(payment)) return;
    await inTrace('settle a payment', payment.traceparent, () => {
      aboutOrder(orderId);
      return settleFrom(payment, hint);
    });
  }

  async function settleFrom(first: Payment, { order: told, onlyOpen = false }: Hint = {}): Promise<void> {
    const { id: orderId } = first;
    let refused: Refused | undefined;
    // After a step whose answer does not show the intent's new state, everything is read again: the intent may have
    // changed between the read and the step.
    for (let round = 1; round <= maxRounds; round++) {
      const payment = round === 1 ? first : await payments.find(orderId);
      if (!payment || isOver(payment)) return;
      // Orders may announce every cancelled order again; Stripe need not be called for each of them.
      if (told && payment.status === 'refunded') return;
      if (onlyOpen && isCaptured(payment)) return;
      const presumed = round === 1 ? readyToCapture(payment, told) : undefined;
      const intent = presumed ?? (await intentOf({ payments, atStripe, now }, payment));
      if (!intent) return;
      // Read last: Stripe may be slow, and an authorization that comes after the order's end must not be announced.
      const order = told ?? (await payableOrders.find(orderId));
      const step = nextStep(payment, order, intent, now(), refused !== undefined);
      const seen =
        step === 'none'
          ? intent
          : await steps[step](payment, intent, order).catch((error: unknown) => {
              // The reason, such as a dispute, may be news itself, so the next round stores what it sees.
              if (!(error instanceof Refused)) throw error;
              refused = error;
              return undefined;
            });
      const stored = seen && (await store(payment, seen));
      // What was seen may be a reason for the next step.
      if (!stored || nextStep(stored, order, seen, now(), refused !== undefined) !== 'none') continue;
      if (refused) throw refused;
      return;
    }
    throw refused ?? new Error('the payment does not settle');
  }

  return inTurn((orderId, hint) =>
    settle(orderId, hint).catch((error: unknown) => {
      // Some callers retry silently, so it is logged here; otherwise a wrong API key would go unnoticed.
      logger.warn({ err: error, orderId }, 'could not settle a payment yet');
      throw error;
    }),
  );
}

/**
 * The intent as it was stored, of a payment that its order allows to capture. Stripe is not asked before the capture,
 * because it would refuse to capture an intent in any other state, and the next round then looks.
 */
function readyToCapture(payment: Payment, order: Order | undefined): Seen | undefined {
  const { status, stripeId } = payment;
  if (status !== 'authorized' || !stripeId || order?.status !== 'awaiting:payment') return undefined;
  return { id: stripeId, status: 'requires_capture', refunded: 0, dispute: null };
}

/**
 * The payment's current intent at Stripe. Undefined if Stripe refuses to create one, which ends the payment. Payments
 * stored by earlier releases may have none yet; it is created here, the same one however often this runs.
 */
export async function intentOf(
  { payments, atStripe, now }: Pick<SettleParts, 'payments' | 'atStripe' | 'now'>,
  payment: Payment,
): Promise<Intent | undefined> {
  const { id, stripeId } = payment;
  if (stripeId) return atStripe.retrieve(stripeId, payment.partRefunds.length > 0);
  if (!isOpen(payment)) return undefined;
  try {
    const made = await atStripe.create(payment);
    const stored = await payments.change(id, (it) => withIntent(it, made.id));
    // Stripe answers a repeated request with the intent as it was when it was created.
    return await atStripe.retrieve(stored.stripeId ?? made.id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await payments.change(id, (it) => refuseIntent(it, now()));
    return undefined;
  }
}
