import type { Currency } from '@box-office/common/contracts/primitives';
import { type Problem, problem } from '@box-office/common/problem';
import Stripe from 'stripe';
import type { z } from 'zod';
import type { IntentView } from './payment.ts';

export interface Intent extends IntentView {
  readonly id: string;
  readonly clientSecret: string;
}

/** What we ask of Stripe. Every call may be repeated: the keys make sure that each has one effect per order. */
export interface Till {
  /** @throws Refused when Stripe takes no such amount */
  create(order: { id: string; amount: number; currency: z.infer<typeof Currency> }): Promise<Intent>;
  retrieve(stripeId: string): Promise<Intent>;
  /** @throws Refused when Stripe will not take this money, now or later */
  capture(orderId: string, stripeId: string): Promise<void>;
  void(orderId: string, stripeId: string): Promise<void>;
  /** @throws Refused when Stripe will not give it back */
  refund(orderId: string, stripeId: string): Promise<void>;
}

/** Stripe understood and said no, and will say no again. */
export class Refused extends Error {
  constructor(what: string, cause: unknown) {
    super(`Stripe refused to ${what}`, { cause });
  }
}

/** A client for Stripe, or for whatever speaks like Stripe at `apiUrl`. Sends each request again twice, under the same idempotency key, when it gets no answer. */
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

export function createTill(stripe: Stripe): Till {
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

    async retrieve(stripeId) {
      return viewOf(await stripe.paymentIntents.retrieve(stripeId, { expand: ['latest_charge'] }));
    },

    async capture(orderId, stripeId) {
      try {
        await once(`${orderId}:capture`, (options) => stripe.paymentIntents.capture(stripeId, {}, options));
      } catch (error) {
        if (isMovedOn(error)) return;
        if (isRefusal(error)) throw new Refused('capture', error);
        throw error;
      }
    },

    async void(orderId, stripeId) {
      try {
        await once(`${orderId}:void`, (options) => stripe.paymentIntents.cancel(stripeId, {}, options));
      } catch (error) {
        if (!isMovedOn(error)) throw error;
      }
    },

    async refund(orderId, stripeId) {
      try {
        await once(`${orderId}:refund`, (options) => stripe.refunds.create({ payment_intent: stripeId }, options));
      } catch (error) {
        if (codeOf(error) === 'charge_already_refunded') return;
        if (isRefusal(error)) throw new Refused('give the money back', error);
        throw error;
      }
    },
  };
}

/**
 * Asks under one idempotency key. Stripe remembers a failure of its own under the key as well, and what it refused because of the state the intent was in then,
 * and would give that answer for a day; then the next key in line is asked with. Everybody goes down the same line, so it still has one effect.
 */
async function once<Answer>(key: string, ask: (options: Stripe.RequestOptions) => Promise<Answer>): Promise<Answer> {
  for (let place = 1; ; place++) {
    try {
      return await ask({ idempotencyKey: place === 1 ? key : `${key}:${place}` });
    } catch (error) {
      if (!isOutdated(error) || place === 10) throw error;
    }
  }
}

/** Whether an answer is one from before that says nothing about now. */
function isOutdated(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || error.headers?.['idempotent-replayed'] !== 'true') return false;
  return (error.statusCode ?? 0) >= 500 || isMovedOn(error);
}

const codeOf = (error: unknown) => (error instanceof Stripe.errors.StripeError ? error.code : undefined);

function viewOf(intent: Stripe.PaymentIntent): Intent {
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null;
  return {
    id: intent.id,
    clientSecret: intent.client_secret ?? '',
    status: intent.status,
    refunded: charge?.refunded ?? false,
  };
}

/** The intent is not where we thought it was: whoever looks next sees where it is. */
const isMovedOn = (error: unknown) => codeOf(error) === 'payment_intent_unexpected_state';

/** Stripe understood and said no; anything else (network, overload, a key in use) may turn out well the next time. */
const isRefusal = (error: unknown) =>
  error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError;

/** Whether an error means that Stripe could not be asked, or asked us to come back, and so says nothing about the payment. */
export function isStripeAway(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && !isRefusal(error);
}

export const stripeUnavailable = (
  cause: unknown,
  detail = 'Payments cannot be made at the moment; please try again.',
): Problem => problem('stripe-unavailable', detail, { retryAfterSeconds: 5, cause });
