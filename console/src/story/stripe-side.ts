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
  /** It has so many newer events that webhooks may be left out that were delivered. */
  readonly isCut?: true;
}

const Event = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  data: z.object({ object: z.looseObject({ id: z.string() }) }),
});
const Events = z.object({ data: z.array(Event), has_more: z.boolean() });

const pageSize = 100;
/** Stripe lists events newest first, so those of everybody who bought later come before those of the order. */
const mostPages = 20;

const authorized = 'payment_intent.amount_capturable_updated';
const succeeded = 'payment_intent.succeeded';

/** Undefined when the sandbox has no payment of the order. The real Stripe is not asked: it has a dashboard. */
export async function atStripe(
  sandbox: SandboxSource,
  orderId: string,
  most = mostPages,
): Promise<AtStripe | undefined> {
  const state = await sandbox.state();
  const intent = state.intents.findLast(({ metadata }) => metadata.orderId === orderId);
  if (!intent) return undefined;
  const { id, status, amount, received, currency, created, lastError } = intent;
  const refunds = state.refunds.filter(({ intentId, released }) => intentId === id && !released);
  const asked = await eventsSince(sandbox, created, most).catch(() => undefined);
  const webhooks = asked ? webhooksOf(asked.events, state, id) : [];
  const paid =
    webhooks.findLast(({ type }) => type === authorized) ?? webhooks.findLast(({ type }) => type === succeeded);
  return {
    intent: { id, status, amount, received, currency, at: instantOf(created) },
    refunds: refunds.map((it) => ({ id: it.id, status: it.status, amount: it.amount, at: instantOf(it.created) })),
    webhooks,
    ...(lastError ? { lastError: lastError.message } : {}),
    ...(paid ? { paidAt: paid.at } : {}),
    ...(asked ? {} : { isAway: true }),
    ...(asked?.isCut ? { isCut: true } : {}),
  };
}

type Told = z.infer<typeof Event>;

/** Newest first. */
async function eventsSince(sandbox: SandboxSource, since: number, most: number) {
  const events: Told[] = [];
  for (let pages = 0; pages < most; pages++) {
    const last = events.at(-1);
    const after = last ? `&starting_after=${last.id}` : '';
    const asked = await sandbox.api(`/v1/events?limit=${pageSize}&created[gte]=${since}${after}`);
    const { data, has_more: hasMore } = Events.parse(asked);
    events.push(...data);
    if (!hasMore) return { events, isCut: false };
  }
  return { events, isCut: true };
}

/** Oldest first. */
function webhooksOf(events: readonly Told[], state: SandboxState, id: string): Webhook[] {
  const about = new Set([
    id,
    ...[...state.charges, ...state.refunds].flatMap((it) => (it.intentId === id ? [it.id] : [])),
  ]);
  const { lost, undelivered } = state.webhooks;
  const lostIds = new Set(lost.map((it) => it.id));
  const waitingIds = new Set(undelivered.map((it) => it.id));
  const stateOf = (event: string) =>
    lostIds.has(event) ? 'lost' : waitingIds.has(event) ? 'waiting' : ('delivered' as const);
  const found = events
    .filter(({ data: { object } }) => about.has(object.id) || object.payment_intent === id)
    .map((it) => ({ id: it.id, type: it.type, created: it.created, about: it.data.object.id }))
    .reverse();
  const isFound = new Set(found.map((it) => it.id));
  // What was not delivered is known however many events came after it.
  const older = [...lost, ...undelivered]
    .filter((it) => about.has(it.about) && !isFound.has(it.id))
    .toSorted((one, other) => one.created - other.created);
  return [...older, ...found].map(({ created, ...it }) => ({ ...it, at: instantOf(created), state: stateOf(it.id) }));
}
