import type { Wait } from '../api/story.ts';
import { amount, clock, type Facts, lasts } from './facts.ts';

/** Why an order is open, or how it ended, in one sentence. */
export function summaryOf(facts: Facts, waits: readonly Wait[]): string {
  const { status } = facts.order;
  if (status === 'complete') return complete(facts, waits);
  if (status === 'cancelled') return cancelled(facts, waits);
  const [wait] = waits;
  return wait ? open(facts, wait) : 'It is open, and nobody has anything left to do for it.';
}

function open({ order, stripe, now }: Facts, { who, for: what, until }: Wait): string {
  const left = until ? Date.parse(until) - now.getTime() : 0;
  if (who === 'buyer') return `Held until ${clock(order.expiresAt)}; it waits for ${what} (${lasts(left)} left).`;
  if (who === 'stripe') {
    const paid = stripe?.intent
      ? 'Paid at Stripe, which does not answer now'
      : 'Whether the buyer has paid is unknown, because Stripe does not answer';
    return `${paid}; payments asks again by itself. Held until ${clock(order.expiresAt)}.`;
  }
  const webhook = stripe?.webhooks.findLast(({ type }) => type === 'payment_intent.amount_capturable_updated');
  const isUntold = order.status === 'created' && stripe?.paidAt !== undefined && who === 'payments';
  if (isUntold && webhook?.state === 'lost') {
    const soon = left > 0 ? `; payments asks Stripe by itself within ${lasts(left)}` : '';
    return `Paid at Stripe at ${clock(stripe.paidAt)}, but its webhook was lost${soon}.`;
  }
  if (isUntold && webhook?.state === 'waiting') {
    const otherwise = left > 0 ? `; if it does not come, payments asks Stripe by itself within ${lasts(left)}` : '';
    return `Paid at Stripe at ${clock(stripe.paidAt)}, and its webhook is on its way${otherwise}.`;
  }
  const paid = stripe?.paidAt ? `Paid at Stripe at ${clock(stripe.paidAt)}; it waits for` : 'It waits for';
  return `${paid} ${what}${left > 0 ? ` (tried again within ${lasts(left)})` : ''}.`;
}

function complete({ order, events }: Facts, waits: readonly Wait[]): string {
  const at = events.find(({ type }) => type === 'order.completed')?.at;
  const isFree = order.price === 0;
  const bought = `${isFree ? 'Completed' : 'Paid and completed'}${at ? ` at ${clock(at)}` : ''}`;
  return `${[bought, ...afterwards(order)].join('; ')}.${leftOver(waits)}`;
}

/** What happened to the money and the tickets after the sale. */
function afterwards(order: Facts['order']): string[] {
  const { refundedAt, refunded = 0, refundFailedAt, dispute, tickets } = order;
  const said: string[] = [];
  if (refundedAt) said.push(`refunded at ${clock(refundedAt)}`);
  else if (refunded > 0)
    said.push(`${amount(refunded, order.currency)} of ${amount(order.price, order.currency)} refunded`);
  if (refundFailedAt && !refundedAt) said.push('a refund was taken back');
  if (dispute) said.push(`the buyer’s bank has a dispute over it (${dispute.status})`);
  const ended = tickets?.filter((it) => it.ended) ?? [];
  if (ended.length > 0) said.push(`${ended.length} of its tickets ended (${ended[0]?.ended})`);
  return said;
}

const reasons = {
  buyer: 'The buyer cancelled it',
  expired: 'Nobody paid in time, so it expired',
  'payment-failed': 'The payment failed, so it was cancelled',
  withdrawn: 'The seller withdrew the ticket, so it was cancelled',
};

function cancelled({ order, events, stripe }: Facts, waits: readonly Wait[]): string {
  const at = events.find(({ type }) => type === 'order.cancelled')?.at;
  const why = order.reason ? reasons[order.reason] : 'It was cancelled';
  const card = stripe?.lastError ? ` (${stripe.lastError})` : '';
  return `${why}${at ? ` at ${clock(at)}` : ''}${card}.${leftOver(waits)}`;
}

const leftOver = (waits: readonly Wait[]): string =>
  waits.length === 0 ? '' : ` Still to come: ${waits.map((it) => it.for).join('; ')}.`;
