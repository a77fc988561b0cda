import { z } from 'zod';
import type { Sandbox, SandboxPayment } from '../api/sandbox.ts';
import { ask as asked } from '../ask.ts';
import { redactText } from '../redact.ts';
import { away, notThere, Refused } from '../refused.ts';

const Summary = z.object({ id: z.string(), type: z.string(), created: z.number(), about: z.string() });
const Intent = z.object({
  id: z.string(),
  created: z.number(),
  status: z.string(),
  amount: z.number(),
  received: z.number(),
  currency: z.string(),
  metadata: z.record(z.string(), z.string()),
  lastError: z.object({ message: z.string() }).nullable(),
});
const Charge = z.object({
  id: z.string(),
  intentId: z.string(),
  captured: z.boolean(),
  amountRefunded: z.number(),
  disputed: z.boolean(),
});
const Refund = z.object({
  id: z.string(),
  created: z.number(),
  intentId: z.string(),
  amount: z.number(),
  released: z.boolean(),
  status: z.string(),
});
const Dispute = z.object({
  id: z.string(),
  created: z.number(),
  intentId: z.string(),
  amount: z.number(),
  reason: z.string(),
  status: z.string(),
});

/** What `GET /sandbox/state` answers, as far as it is shown. */
const State = z.object({
  now: z.string(),
  intents: z.array(Intent),
  charges: z.array(Charge),
  refunds: z.array(Refund),
  disputes: z.array(Dispute),
  webhooks: z.object({
    events: z.number(),
    delivered: z.number(),
    failedTries: z.number(),
    lastFailure: z.string().nullable(),
    undelivered: z.array(Summary),
    lost: z.array(Summary),
  }),
  requests: z.object({ count: z.number() }),
  faults: z.record(z.string(), z.unknown()),
});
export type SandboxState = z.infer<typeof State>;

export interface SandboxSource {
  readonly isThere: boolean;
  /** @throws Refused 404 when it was told of none, 503 when the sandbox does not answer */
  state(): Promise<SandboxState>;
  /** Asks as a program of Stripe's API does. */
  api(path: string): Promise<unknown>;
  show(): Promise<Sandbox>;
  setFaults(faults: unknown): Promise<unknown>;
  redeliver(body: unknown): Promise<unknown>;
  advance(body: unknown): Promise<unknown>;
}

const mostPayments = 200;

export function sandboxSource(url: string | undefined, key: string | undefined): SandboxSource {
  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    if (!url)
      throw notThere('This console was told of no sandbox: payments go to the real Stripe, or it runs in a cluster.');
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sent = { method, headers, withinMs: 5_000, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const { status, text } = await asked(new URL(path, url), sent).catch(() => {
      throw away('The sandbox does not answer.');
    });
    if (status < 300) return JSON.parse(text);
    throw new Refused(status < 500 ? 400 : 503, 'refused', `The sandbox answered ${status}: ${redactText(text)}`);
  }

  const state = async () => State.parse(await ask('GET', '/sandbox/state'));
  return {
    isThere: url !== undefined,
    state,
    api: (path) => ask('GET', path),
    show: async () => shown(await state()),
    setFaults: (faults) => ask('PUT', '/sandbox/faults', faults),
    redeliver: (body) => ask('POST', '/sandbox/webhooks/redeliver', body),
    advance: (body) => ask('POST', '/sandbox/clock', body),
  };
}

function shown(state: SandboxState): Sandbox {
  const { now, intents, webhooks, requests, faults } = state;
  const { events: sent, delivered, failedTries, lastFailure, undelivered, lost } = webhooks;
  return {
    now,
    payments: intents
      .slice(-mostPayments)
      .reverse()
      .map((it) => paymentOf(it, state)),
    webhooks: {
      sent,
      delivered,
      failedTries,
      ...(lastFailure ? { lastFailure: redactText(lastFailure) } : {}),
      undelivered: undelivered.map(webhookOf),
      lost: lost.map(webhookOf),
    },
    requests: requests.count,
    faults,
  };
}

function paymentOf(
  { id, status, amount, received, currency, created, metadata }: z.infer<typeof Intent>,
  { charges, refunds, disputes }: SandboxState,
): SandboxPayment {
  const isOwn = ({ intentId }: { intentId: string }) => intentId === id;
  const own = charges.filter((it) => isOwn(it) && it.captured);
  return {
    id,
    ...(metadata.orderId ? { orderId: metadata.orderId } : {}),
    status,
    amount,
    received,
    refunded: own.reduce((sum, it) => sum + it.amountRefunded, 0),
    disputed: own.some(({ disputed }) => disputed),
    currency,
    at: instantOf(created),
    // What was released is money on a card that was never taken.
    refunds: refunds.filter((it) => isOwn(it) && !it.released).map(refundOf),
    disputes: disputes.filter(isOwn).map((it) => ({ ...refundOf(it), reason: it.reason })),
  };
}

const refundOf = ({ id, status, amount, created }: Omit<z.infer<typeof Refund>, 'released'>) => ({
  id,
  status,
  amount,
  at: instantOf(created),
});

const webhookOf = ({ id, type, created, about }: z.infer<typeof Summary>) => ({
  id,
  type,
  at: instantOf(created),
  about,
});

/** Stripe's instants are seconds. */
export const instantOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();
