import { z } from 'zod';
import type { StripeSide, Webhook } from '../api/story.ts';
import { instantOf, type SandboxSource, type SandboxState } from '../sources/sandbox.ts';

/** What Stripe knows of a payment, and what became of its webhooks. */
export interface AtStripe extends StripeSide {
  readonly lastError?: string;
  /** When the buyer's bank let the payment through. */
  readonly paidAt?: string;
  /** It does not answer, so neither webhooks nor `paidAt` are known. What the payment is, its stand-in tells anyway. */
  readonly isAway?: true;
}

const Event = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  data: z.object({ object: z.looseObject({ id: z.string() }) }),
});
const Events = z.object({ data: z.array(Event) });

const authorized = 'payment_intent.amount_capturable_updated';
const succeeded = 'payment_intent.succeeded';

/** Undefined when the sandbox has no payment of the order. The real Stripe is not asked: it has a dashboard. */
export async function atStripe(sandbox: SandboxSource, orderId: string): Promise<AtStripe | undefined> {
  const state = await sandbox.state();
  const intent = state.intents.findLast(({ metadata }) => metadata.orderId === orderId);
  if (!intent) return undefined;
  const { id, status, amount, received, currency, created, lastError } = intent;
  const refunds = state.refunds.filter(({ intentId, released }) => intentId === id && !released);
  const asked = await webhooksOf(sandbox, state, id, created).catch(() => undefined);
  const webhooks = asked ?? [];
  const paid =
    webhooks.findLast(({ type }) => type === authorized) ?? webhooks.findLast(({ type }) => type === succeeded);
  return {
    intent: { id, status, amount, received, currency, at: instantOf(created) },
    refunds: refunds.map((it) => ({ id: it.id, status: it.status, amount: it.amount, at: instantOf(it.created) })),
    webhooks,
    ...(lastError ? { lastError: lastError.message } : {}),
    ...(paid ? { paidAt: paid.at } : {}),
    ...(asked ? {} : { isAway: true }),
  };
}

async function webhooksOf(sandbox: SandboxSource, state: SandboxState, id: string, since: number): Promise<Webhook[]> {
  const about = new Set([
    id,
    ...[...state.charges, ...state.refunds].flatMap((it) => (it.intentId === id ? [it.id] : [])),
  ]);
  const { data } = Events.parse(await sandbox.api(`/v1/events?limit=100&created[gte]=${since}`));
  const lost = new Set(state.webhooks.lost.map((it) => it.id));
  const waiting = new Set(state.webhooks.undelivered.map((it) => it.id));
  return data
    .filter(({ data: { object } }) => about.has(object.id) || object.payment_intent === id)
    .map((it) => ({
      id: it.id,
      type: it.type,
      at: instantOf(it.created),
      about: it.data.object.id,
      state: lost.has(it.id) ? ('lost' as const) : waiting.has(it.id) ? ('waiting' as const) : ('delivered' as const),
    }))
    .reverse();
}
