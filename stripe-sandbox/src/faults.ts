import { z } from 'zod';

/** When a fault strikes: the next so many times, or each time with a probability. */
const when = {
  next: z.int().nonnegative().optional().describe('The next so many times, then no more'),
  probability: z.number().min(0).max(1).optional().describe('Each time with this probability'),
};
const path = z
  .string()
  .optional()
  .describe('Only requests to this path; * stands for one segment: /v1/payment_intents/*/capture');

export const Faults = z.strictObject({
  seed: z.int().default(1).describe('The same seed and the same requests give the same faults'),
  down: z
    .boolean()
    .default(false)
    .describe('Every API request is cut off, and no webhook is sent, until it is up again'),
  loseWebhooks: z.strictObject(when).default({}).describe('Never delivered, never retried'),
  repeatWebhooks: z
    .strictObject({ ...when, times: z.int().min(1).max(100).default(1) })
    .prefault({})
    .describe('Delivered again, so many times, after the receiver has confirmed it'),
  delayWebhooksMs: z
    .union([z.int().nonnegative(), z.strictObject({ min: z.int().nonnegative(), max: z.int().nonnegative() })])
    .default(0)
    .describe('How long every webhook waits before its first try'),
  reorderWebhooks: z.strictObject(when).default({}).describe('Held back until a later one was delivered, or for 2 s'),
  dropReplies: z
    .strictObject({ ...when, path })
    .default({})
    .describe('The effect happens and is kept, then the connection is cut'),
  dropRequests: z
    .strictObject({ ...when, path })
    .default({})
    .describe('The connection is cut before any effect'),
  delayRepliesMs: z.int().nonnegative().default(0).describe('How long every API answer is held back after the effect'),
  failRequests: z
    .strictObject({
      ...when,
      path,
      status: z.union([z.literal(429), z.literal(500), z.literal(502), z.literal(503)]).default(503),
      remembered: z.boolean().default(false).describe('Kept under the idempotency key and replayed, as Stripe does'),
      afterEffect: z.boolean().default(false).describe('The effect happens all the same; always remembered'),
    })
    .prefault({})
    .describe('Answered with this status, without an effect unless one is asked for'),
  refuseCaptures: z
    .strictObject({
      ...when,
      intents: z.array(z.string()).default([]).describe('Every capture of these intents'),
      code: z.enum(['card_declined', 'charge_expired_for_capture']).default('card_declined'),
    })
    .prefault({})
    .describe('A capture that the bank refuses'),
  emptyBalance: z.boolean().default(false).describe('There is no balance that refunds could be made from'),
  refuseRefunds: z.strictObject(when).default({}).describe('A refund of a charge that the buyer disputes'),
});
export type Faults = z.infer<typeof Faults>;
export type FaultSettings = z.input<typeof Faults>;

type When = { next?: number | undefined; probability?: number | undefined; path?: string | undefined };

export interface FaultPlan {
  /** What is switched on, with what is left of each count. */
  readonly current: Faults;
  set(settings: unknown): Faults;
  /** Whether it strikes now. Uses up one of `next`. */
  strikes(fault: When, path?: string): boolean;
  webhookDelayMs(): number;
}

export function createFaultPlan(): FaultPlan {
  let current = Faults.parse({});
  let random = mulberry32(current.seed);
  return {
    get current() {
      return current;
    },
    set(settings) {
      current = Faults.parse(settings);
      random = mulberry32(current.seed);
      return current;
    },
    strikes(fault, requestPath = '') {
      if (fault.path !== undefined && !matches(fault.path, requestPath)) return false;
      if (fault.next !== undefined && fault.next > 0) {
        fault.next -= 1;
        return true;
      }
      return fault.probability !== undefined && random() < fault.probability;
    },
    webhookDelayMs() {
      const delay = current.delayWebhooksMs;
      return typeof delay === 'number' ? delay : delay.min + Math.floor(random() * (delay.max - delay.min + 1));
    },
  };
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const segments = path.split('/');
  return wanted.length === segments.length && wanted.every((part, place) => part === '*' || part === segments[place]);
}

/** A small generator with a seed (Tommy Ettinger's mulberry32): good enough to choose faults, no good for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
