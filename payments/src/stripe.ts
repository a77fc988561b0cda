import type { Dispute, DisputeStatus } from '@box-office/common/contracts/payments';
import type { Currency } from '@box-office/common/contracts/primitives';
import { type Problem, problem } from '@box-office/common/problem';
import Stripe from 'stripe';
import { z } from 'zod';
import type { PartAtStripe } from './part-refund.ts';
import type { IntentView } from './payment.ts';

export interface Intent extends IntentView {
  readonly id: string;
  readonly clientSecret: string;
}

/** Our calls to Stripe. Every call may be repeated: idempotency keys ensure that it has one effect per order. */
export interface StripePayments {
  /** @throws Refused when Stripe does not accept the amount */
  create(order: { id: string; amount: number; currency: z.infer<typeof Currency> }): Promise<Intent>;
  /** Asks about refunds of a part as well, if `withParts`. */
  retrieve(stripeId: string, withParts?: boolean): Promise<Intent>;
  /**
   * The captured intent; undefined if that is not its current state, because Stripe repeated an earlier answer or found
   * the intent in another state.
   *
   * @throws Refused when Stripe will not capture the payment, now or later
   */
  capture(orderId: string, stripeId: string): Promise<Intent | undefined>;
  /** The cancelled intent; undefined as in `capture`. */
  void(orderId: string, stripeId: string): Promise<Intent | undefined>;
  /**
   * Refunds what is left, once for each number of refunds that have failed before or were postponed.
   *
   * @throws Refused when Stripe will not refund the payment; Postponed
   */
  refund(orderId: string, stripeId: string, before: { failedBefore: number; postponed: number }): Promise<void>;
  /**
   * Refunds a part, once per id for a day, after which Stripe has forgotten it: so only if `retrieve` has just shown
   * that there is no such refund.
   *
   * @throws Refused when Stripe will not refund that much; Postponed
   */
  refundPart(orderId: string, stripeId: string, part: { id: string; amount: number; postponed: number }): Promise<void>;
}

/** Stripe understood the request and refused it, and would refuse it again. */
export class Refused extends Error {
  constructor(what: string, cause: unknown) {
    super(`Stripe refused to ${what}`, { cause });
  }
}

/** Stripe has not enough of our balance for a refund now. It repeats that to the same request for a day. */
export class Postponed extends Error {
  constructor(cause: unknown) {
    super('Stripe has not enough balance for this refund', { cause });
  }
}

/**
 * A client for Stripe, or for a compatible server at `apiUrl`. Retries each unanswered request twice under the same
 * idempotency key.
 */
export function connectStripe(secretKey: string, apiUrl?: string): Stripe {
  const elsewhere = apiUrl ? new URL(apiUrl) : undefined;
  return new Stripe(secretKey, {
    maxNetworkRetries: 2,
    timeout: 10_000,
    telemetry: false,
    ...(elsewhere
      ? {
          host: elsewhere.hostname,
          port: elsewhere.port || (elsewhere.protocol === 'https:' ? 443 : 80),
          protocol: elsewhere.protocol === 'https:' ? 'https' : 'http',
        }
      : {}),
  });
}

export function createStripePayments(stripe: Stripe): StripePayments {
  /** The refunds of an intent, and their sum: that of the charge may be a moment older. */
  async function refundsOf(stripeId: string): Promise<Pick<Intent, 'parts' | 'refunded'>> {
    const parts = new Map<string, PartAtStripe>();
    let refunded = 0;
    for await (const { status, amount, metadata } of stripe.refunds.list({ payment_intent: stripeId, limit: 100 })) {
      const isLost = status === 'failed' || status === 'canceled';
      const id = metadata?.refundId;
      if (!isLost) refunded += amount;
      if (id && !(isLost && parts.has(id))) parts.set(id, { id, amount, failed: isLost });
    }
    return { refunded, parts: [...parts.values()] };
  }

  return {
    async create({ id, amount, currency }) {
      const wanted: Stripe.PaymentIntentCreateParams = {
        amount,
        currency,
        capture_method: 'manual',
        allowed_payment_method_types: ['card'],
        metadata: { orderId: id },
      };
      try {
        return viewOf(await once(id, (options) => stripe.paymentIntents.create(wanted, options)));
      } catch (error) {
        if (codeOf(error) === 'amount_too_small' || codeOf(error) === 'amount_too_large') {
          throw new Refused('take this amount', error);
        }
        throw error;
      }
    },

    async retrieve(stripeId, withParts = false) {
      const intent = await stripe.paymentIntents.retrieve(stripeId, { expand: ['latest_charge'] });
      const view = { ...viewOf(intent), ...(withParts && chargeOf(intent)?.captured && (await refundsOf(stripeId))) };
      // The charge says only whether there ever was a dispute.
      if (!chargeOf(intent)?.disputed) return view;
      const { data } = await stripe.disputes.list({ payment_intent: stripeId, limit: 100 });
      return { ...view, dispute: disputeAmong(data) };
    },

    async capture(orderId, stripeId) {
      try {
        return current(
          await once(`${orderId}:capture`, (options) => stripe.paymentIntents.capture(stripeId, {}, options)),
        );
      } catch (error) {
        if (isUnexpectedState(error)) return undefined;
        if (isRefusal(error)) throw new Refused('capture', error);
        throw error;
      }
    },

    async void(orderId, stripeId) {
      try {
        return current(await once(`${orderId}:void`, (options) => stripe.paymentIntents.cancel(stripeId, {}, options)));
      } catch (error) {
        if (isUnexpectedState(error)) return undefined;
        throw error;
      }
    },

    async refund(orderId, stripeId, { failedBefore, postponed }) {
      const first = failedBefore === 0 ? `${orderId}:refund` : `${orderId}:refund:after-${failedBefore}`;
      const key = numbered(first, postponed);
      try {
        await once(key, (options) => stripe.refunds.create({ payment_intent: stripeId }, options));
      } catch (error) {
        if (codeOf(error) === 'charge_already_refunded') return;
        if (lacksBalance(error)) throw new Postponed(error);
        if (isRefusal(error)) throw new Refused('give the money back', error);
        throw error;
      }
    },

    async refundPart(orderId, stripeId, { id, amount, postponed }) {
      const wanted = { payment_intent: stripeId, amount, metadata: { refundId: id } };
      // A replayed failure may have had its effect, and a further request would only be limited by the sum.
      const isMade = async () => {
        const { parts = [] } = await refundsOf(stripeId);
        return parts.some((part) => part.id === id);
      };
      try {
        await once(numbered(`${orderId}:refund:${id}`, postponed), async (options, place) => {
          if (place === 1 || !(await isMade())) await stripe.refunds.create(wanted, options);
        });
      } catch (error) {
        if (lacksBalance(error)) throw new Postponed(error);
        if (isRefusal(error)) throw new Refused('give this part of the money back', error);
        throw error;
      }
    },
  };
}

/**
 * Makes a request under an idempotency key. For a day Stripe also replays its own failures under that key, and refusals
 * that were due to the intent's state at the time; such a replay is followed by a request under the next key in a fixed
 * sequence. All callers use the same sequence, so the request still has one effect; one that Stripe would carry out
 * twice is told its place in it, and has to look first.
 */
async function once<Answer>(
  key: string,
  ask: (options: Stripe.RequestOptions, place: number) => Promise<Answer>,
): Promise<Answer> {
  for (let place = 1; ; place++) {
    try {
      return await ask({ idempotencyKey: place === 1 ? key : `${key}:${place}` }, place);
    } catch (error) {
      if (!isOutdated(error) || place === 10) throw error;
    }
  }
}

/** Whether this is a replayed answer that says nothing about the current state. */
function isOutdated(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || !isReplayed(error.headers)) return false;
  return (error.statusCode ?? 0) >= 500 || isUnexpectedState(error);
}

const codeOf = (error: unknown) => (error instanceof Stripe.errors.StripeError ? error.code : undefined);

function viewOf(intent: Stripe.PaymentIntent): Intent {
  const charge = chargeOf(intent);
  return {
    id: intent.id,
    clientSecret: intent.client_secret ?? '',
    status: intent.status,
    // Stripe shows a cancelled authorization as a refund, too, of a charge that was never captured.
    refunded: charge?.captured ? charge.amount_refunded : 0,
    dispute: null,
  };
}

const chargeOf = ({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.Charge | null =>
  typeof charge === 'object' ? charge : null;

/** Null for those that leave nothing behind. */
const disputeStatus: Readonly<Record<string, DisputeStatus | null>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'inquiry',
  warning_closed: null,
  prevented: null,
  won: 'won',
  lost: 'lost',
};

const byWeight: readonly DisputeStatus[] = ['open', 'lost', 'inquiry', 'won'];

/** The dispute that matters most. A charge may have several, each over a part of it. */
export function disputeAmong(disputes: readonly Stripe.Dispute[]): Dispute | null {
  const ours = disputes.flatMap(({ status: theirs, amount }) => {
    const status = disputeStatus[theirs] === undefined ? 'open' : disputeStatus[theirs];
    return status ? [{ status, amount }] : [];
  });
  return ours.toSorted((a, b) => byWeight.indexOf(a.status) - byWeight.indexOf(b.status))[0] ?? null;
}

/** Undefined for a repeated answer: the intent may have changed since it was first given. */
function current(answer: Stripe.Response<Stripe.PaymentIntent>): Intent | undefined {
  return isReplayed(answer.lastResponse.headers) ? undefined : viewOf(answer);
}

const isReplayed = (headers: Readonly<Record<string, string>> | undefined): boolean =>
  headers?.['idempotent-replayed'] === 'true';

const numbered = (key: string, postponed: number): string => (postponed === 0 ? key : `${key}:postponed-${postponed}`);

/** The intent was not in the expected state; the next read shows its current one. */
const isUnexpectedState = (error: unknown) => codeOf(error) === 'payment_intent_unexpected_state';

/** What Stripe calls it differs with the account; one of these stands in the field for messages. */
const noBalance = ['balance_insufficient', 'insufficient_funds', 'insufficient_balance_for_refund'];

function lacksBalance(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) return false;
  const { code, message_code: messageCode } = BalanceError.parse(error.raw ?? {});
  return [code, messageCode].some((it) => it !== undefined && noBalance.includes(it));
}

const BalanceError = z.object({ code: z.string().optional(), message_code: z.string().optional() });

/** Stripe understood the request and refused it. Other errors (network, overload, a key in use) may be retried. */
const isRefusal = (error: unknown) =>
  error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError;

/** Whether Stripe could not be reached or asked for a retry, so that the error says nothing about the payment. */
export function isStripeAway(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && !isRefusal(error);
}

export const stripeUnavailable = (
  cause: unknown,
  detail = 'Payments are currently unavailable. Please try again.',
): Problem => problem('stripe-unavailable', detail, { retryAfterSeconds: 5, cause });
