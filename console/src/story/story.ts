import { plain } from '@box-office/ops/audit/view';
import type { Story } from '../api/story.ts';
import { redactFields } from '../redact.ts';
import { copiesOf } from './copies.ts';
import { type Facts, ticketsIn } from './facts.ts';
import { gather, type Witnesses } from './gather.ts';
import { lineOf } from './orders.ts';
import { stepsOf } from './steps.ts';
import { summaryOf } from './summary.ts';
import { inWords, waitsOf } from './waits.ts';

/** What happened to an order, from everybody who knows something of it. @throws Refused 404 */
export async function tellStory(witnesses: Witnesses, orderId: string): Promise<Story> {
  return storyIn(await gather(witnesses, orderId, new Date()));
}

function storyIn(facts: Facts): Story {
  const { order, payment, events, stripe, missing, now } = facts;
  const waitsFor = waitsOf(facts);
  const [first] = waitsFor;
  const isOpen = order.status === 'created' || order.status === 'awaiting:payment';
  const traceId = events.find(({ type }) => type === 'order.created' || type === 'order.completed')?.traceId;
  const { waitsFor: _, ...line } = lineOf(order, payment, undefined);
  const stored = plain(order);
  return {
    order: {
      ...line,
      ...(isOpen && first ? { waitsFor: inWords(first, now) } : {}),
      version: Number(stored.version),
      userId: order.userId,
      expiresAt: order.expiresAt,
      tickets: ticketsIn(order),
      ...(traceId ? { traceId } : {}),
      stored: redactFields(stored),
    },
    summary: summaryOf(facts, waitsFor),
    waitsFor,
    steps: stepsOf(facts),
    copies: copiesOf(facts),
    ...(stripe
      ? {
          stripe: {
            refunds: stripe.refunds,
            webhooks: stripe.webhooks,
            ...(stripe.intent ? { intent: stripe.intent } : {}),
          },
        }
      : {}),
    ...(facts.stripeUnknown ? { stripeUnknown: facts.stripeUnknown } : {}),
    missing,
  };
}
