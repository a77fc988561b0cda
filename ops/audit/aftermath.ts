import { showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import type Stripe from 'stripe';

/** What happened at Stripe to the money of one payment after it was taken. */
export interface Aftermath {
  readonly refunds: readonly Stripe.Refund[];
  readonly disputes: readonly Stripe.Dispute[];
}

/** Reads what happened to the money of one intent, or, when none is named, of all of them. */
export async function aftermaths(stripe: Stripe, intent?: string): Promise<(intent: string) => Aftermath> {
  const of = { limit: 100, ...(intent && { payment_intent: intent }) };
  const refunds = await byIntent(stripe.refunds.list(of));
  const disputes = await byIntent(stripe.disputes.list(of));
  return (id) => ({ refunds: refunds.get(id) ?? [], disputes: disputes.get(id) ?? [] });
}

/** What payments has of it. */
export interface Known {
  readonly status: string;
  readonly refunded: number;
}

interface OfIntent {
  readonly payment_intent: string | Stripe.PaymentIntent | null;
}

async function byIntent<Item extends OfIntent>(items: AsyncIterable<Item>): Promise<Map<string, Item[]>> {
  const found = new Map<string, Item[]>();
  for await (const item of items) {
    const { payment_intent: intent } = item;
    const id = typeof intent === 'string' ? intent : (intent?.id ?? '');
    const others = found.get(id);
    if (others) others.push(item);
    else found.set(id, [item]);
  }
  return found;
}

const isLost = ({ status }: Stripe.Refund) => status === 'failed' || status === 'canceled';
/** A won dispute or a closed inquiry leaves the money with the seller. */
const matters = ({ status }: Stripe.Dispute) =>
  status !== 'won' && status !== 'warning_closed' && status !== 'prevented';
const isInquiry = ({ status }: Stripe.Dispute) => status.startsWith('warning');

/** How much was refunded or is on its way to the buyer. */
export const givenBack = ({ refunds }: Aftermath): number =>
  refunds.filter((it) => !isLost(it)).reduce((sum, { amount }) => sum + amount, 0);

/** Failed refunds, as long as the seller still has money of this payment. */
const unmade = (aftermath: Aftermath, received: number): Stripe.Refund[] =>
  givenBack(aftermath) < received ? aftermath.refunds.filter(isLost) : [];

/** What happened, as sentences for people. */
export function aftermathSentences(intent: Stripe.PaymentIntent, aftermath: Aftermath, ours?: Known): string[] {
  const { amount_received: received, currency } = intent;
  const price = (amount: number) => inWords(amount, currency);
  const sentences: string[] = [];
  const back = givenBack(aftermath);
  const isPart = back > 0 && back < received;
  if (isPart && ours?.refunded !== back) {
    const counted = `payments counts ${price(ours?.refunded ?? 0)} as given back`;
    sentences.push(`Only a part, ${price(back)} of ${price(received)}, was given back at Stripe; ${counted}.`);
  } else if (received > 0 && back >= received && ours?.status === 'captured') {
    sentences.push(`All of ${price(received)} was given back at Stripe; payments has not heard of it.`);
  }
  for (const { id, amount, status: how, failure_reason: why } of unmade(aftermath, received)) {
    const reason = why ? ` (${why})` : '';
    const end = how === 'canceled' ? 'was canceled' : `failed${reason}`;
    const counted = ours?.status === 'refunded' ? ', although payments counts it as given back' : '';
    sentences.push(`The refund ${id} of ${price(amount)} ${end}: the buyer did not get this money${counted}.`);
  }
  for (const dispute of aftermath.disputes.filter(matters)) {
    const about = `${price(dispute.amount)} (${dispute.id}, ${dispute.reason})`;
    if (dispute.status === 'lost') {
      sentences.push(`The buyer disputed ${about} and the dispute is lost: this money is gone.`);
    } else if (isInquiry(dispute)) {
      sentences.push(`The buyer’s bank asks about ${about}: without an answer at Stripe it may become a dispute.`);
    } else {
      const next = dispute.status === 'needs_response' ? 'Stripe waits for an answer' : 'the bank has yet to decide';
      sentences.push(`The buyer disputes ${about}: the bank has taken this money back, and ${next}.`);
    }
  }
  return sentences;
}

function inWords(amount: number, currency: string): string {
  const known = Currency.safeParse(currency);
  return known.success ? showPrice(amount, known.data) : `${amount} ${currency}`;
}
