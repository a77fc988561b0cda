import { createHash } from 'node:crypto';
import type { KeptAnswer, Ledger } from './ledger.ts';
import { invalid, Refusal } from './refusal.ts';

/** Stripe may forget a key after a day: docs.stripe.com/api/idempotent_requests. */
export const KEY_SECONDS = 24 * 60 * 60;

export interface Keyed {
  key: string;
  path: string;
  fingerprint: string;
}

/** Equal for equal parameters, whatever their order. */
export function fingerprint(params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(params)))
    .digest('base64url');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, inner]) => [name, sorted(inner)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

export interface Keys {
  /**
   * Takes a key for one request. Gives the answer that the same request had before, or undefined for a new key. Refuses
   * a key that was used for something else, and one whose first request has not been answered yet.
   */
  take(keyed: Keyed, now: number): KeptAnswer | undefined;
  /** The request that took the key has its answer. */
  release(key: string): void;
}

export function createKeys(ledger: Ledger): Keys {
  const inUse = new Set<string>();
  return {
    take(keyed, now) {
      const { key } = keyed;
      if (key.length > 255) throw invalid('Idempotency-Key must be at most 255 characters.');
      if (inUse.has(key)) {
        throw new Refusal(409, {
          type: 'idempotency_error',
          code: 'idempotency_key_in_use',
          message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
        });
      }
      ledger.forgetAnswersBefore(now - KEY_SECONDS);
      const known = ledger.answer(key);
      if (known) {
        refuseOtherUse(known, keyed);
        return known;
      }
      inUse.add(key);
      return undefined;
    },
    release(key) {
      inUse.delete(key);
    },
  };
}

function refuseOtherUse(known: KeptAnswer, keyed: Keyed): void {
  const advice = `Try using a key other than '${known.key}' if you meant to execute a different request.`;
  if (known.path !== keyed.path) {
    throw new Refusal(400, {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${keyed.path}' vs '${known.path}'). ${advice}`,
    });
  }
  if (known.fingerprint !== keyed.fingerprint) {
    throw new Refusal(400, {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. ${advice}`,
    });
  }
}
