import type { Wait } from '../api/story.ts';
import { amount, clock, type Facts, type HeardEvent, lasts, madeAt, type StoredPayment } from './facts.ts';
import { openRefunds } from './refunds.ts';

/** Payments asks Stripe by itself about payments that are open for so long, in rounds: see its config. */
const reconcileAfterMs = 60_000;
const reconcileEveryMs = 30_000;
/** Orders ends an order whose timer was lost so long after its time: see orders/src/sweep.ts. */
const sweepAfterMs = 2_000;

/** Whom an open order waits for, and what anybody has left to do for one that has ended. The first matters most. */
export function waitsOf(facts: Facts): Wait[] {
  const { status } = facts.order;
  const own = status === 'created' ? created(facts) : status === 'awaiting:payment' ? paying(facts) : ended(facts);
  const told = new Set(own.map(({ who }) => who));
  return [...own, ...unheard(facts).filter(({ who }) => !told.has(who))];
}

/** The time to pay is running, or orders does not know yet what has become of the payment. */
function created(facts: Facts): Wait[] {
  const { payment, stripe, order, now } = facts;
  if (payment && hasFailed(payment)) return [failureUnheard(facts, payment)];
  if (payment && payment.status !== 'pending') {
    return [blocked(facts, 'orders', 'to hear that the money is authorized', payment.since, 'payment.authorized')];
  }
  if (payment?.status === 'pending' && stripe?.intent && isPaid(stripe.intent.status)) {
    return [stripe.isAway ? paidOrNot(facts, 'payments, which asks whether the buyer has paid') : toldByStripe(facts)];
  }
  if (payment?.status === 'pending' && facts.stripeUnknown === 'away') {
    return [paidOrNot(facts, 'whether the buyer has paid, which nobody knows until then')];
  }
  const isOver = now.getTime() > Date.parse(order.expiresAt) + sweepAfterMs;
  if (isOver) return [overdue(facts)];
  return [buyer(facts)];
}

const hasFailed = ({ status }: StoredPayment): boolean => status === 'failed' || status === 'voided';

const failureUnheard = (facts: Facts, { since }: StoredPayment): Wait =>
  blocked(facts, 'orders', 'to hear that the payment failed', since, 'payment.');

const paidOrNot = (facts: Facts, what: string): Wait => ({ ...stripeAway(facts, what), until: facts.order.expiresAt });

function stripeAway({ payment, order }: Facts, what: string): Wait {
  return {
    who: 'stripe',
    for: `Stripe to answer ${what}`,
    since: payment?.since ?? madeAt(order._id),
    hint: triedHint(order._id),
  };
}

const triedHint = (orderId: string) => ({
  text: 'What payments tried',
  href: `/logs?level=warn&order=${orderId}`,
});

export const isPaid = (status: string): boolean => status === 'requires_capture' || status === 'succeeded';

/** The buyer has paid, and payments does not know it. */
function toldByStripe(facts: Facts): Wait {
  const { payment, stripe, order } = facts;
  const since = stripe?.paidAt ?? payment?.since ?? madeAt(order._id);
  const webhook = stripe?.webhooks.findLast(({ type }) => /amount_capturable_updated|intent\.succeeded/.test(type));
  const until = nextRound(facts);
  const away = notReady(facts, 'payments');
  if (away) return { who: 'payments', for: `payments to run again: ${away}`, since, hint: processHint };
  if (webhook?.state === 'lost') {
    return {
      who: 'payments',
      for: 'payments to ask Stripe by itself, because the webhook that tells it was lost',
      since,
      until,
      hint: { text: 'Send the webhook again', href: '/sandbox', redeliver: webhook.id },
    };
  }
  const reason =
    webhook?.state === 'waiting' ? 'the webhook, which is on its way' : 'payments to settle what the webhook told';
  return { who: 'payments', for: reason, since, until, hint: logHint('payments') };
}

/** When payments asks Stripe at the latest. */
function nextRound({ payment, now }: Facts): string {
  const stuckAt = Date.parse(payment?.since ?? now.toISOString()) + reconcileAfterMs;
  return new Date(Math.max(stuckAt, now.getTime()) + reconcileEveryMs).toISOString();
}

function buyer({ payment, stripe, stripeUnknown, order }: Facts): Wait {
  const since = payment?.since ?? madeAt(order._id);
  const until = order.expiresAt;
  if (!payment) return { who: 'buyer', for: 'the buyer to begin to pay', since, until };
  if (stripe?.intent?.status === 'requires_action') {
    return { who: 'buyer', for: 'the buyer to confirm the payment with their bank', since, until };
  }
  if (stripe?.lastError) {
    return {
      who: 'buyer',
      for: `the buyer to try another card; the last one failed (${stripe.lastError})`,
      since,
      until,
    };
  }
  const orTold = stripeUnknown === 'elsewhere' ? ', or Stripe to tell that they have' : '';
  return { who: 'buyer', for: `the buyer to pay${orTold}`, since, until };
}

/** Its time was up, and it is still there. */
function overdue(facts: Facts): Wait {
  const { order, events } = facts;
  const fired = events.some(({ type }) => type === 'expiration.completed');
  const why = fired ? 'to hear that its time is up' : 'to notice that its time is up, since its timer has not fired';
  return blocked(facts, 'orders', why, order.expiresAt, 'expiration.completed');
}

/** The money is authorized: payments captures it, then orders completes the order. */
function paying(facts: Facts): Wait[] {
  const { payment, order, stripe, events } = facts;
  const since =
    events.findLast(({ type }) => type === 'order.awaiting-payment')?.at ?? payment?.since ?? madeAt(order._id);
  if (payment?.status === 'captured' || payment?.status === 'refunded') {
    return [blocked(facts, 'orders', 'to hear that the money was captured', payment.since, 'payment.captured')];
  }
  if (payment && hasFailed(payment)) return [failureUnheard(facts, payment)];
  const what =
    stripe?.intent?.status === 'succeeded' ? 'to notice that the money was captured' : 'to capture the money';
  return [{ ...blocked(facts, 'payments', what, since, 'order.awaiting-payment'), until: nextRound(facts) }];
}

/** What is left to do after the end. */
function ended(facts: Facts): Wait[] {
  const { order, payment } = facts;
  if (!payment) return order.awaitsBalanceSince ? [balance('the refund', order.awaitsBalanceSince)] : [];
  if (order.status === 'cancelled' && (payment.status === 'pending' || payment.status === 'authorized')) {
    const what = 'payments to let go of the money on the card';
    return [{ who: 'payments', for: what, since: payment.since, until: nextRound(facts) }];
  }
  return refunding(facts, payment);
}

const balance = (what: string, since: string): Wait => ({
  who: 'stripe',
  for: `enough balance at Stripe for ${what}`,
  since,
});

/** Refunds that are to be made, and those that nobody makes by themselves. */
function refunding(facts: Facts, payment: StoredPayment): Wait[] {
  const { order, events } = facts;
  const { pending, unheard, failed } = openRefunds(order, payment);
  const waits: Wait[] = [];
  if (pending > 0) waits.push(refund(facts, payment, amount(pending, order.currency)));
  if (unheard > 0) {
    const what = `to hear that the buyer is owed ${amount(unheard, order.currency)}`;
    const since = events.findLast(({ type }) => type === 'order.tickets-ended')?.at ?? payment.since;
    waits.push(blocked(facts, 'payments', what, since, 'order.tickets-ended'));
  }
  const isReturned = order.refundFailedAt && payment.status === 'captured' && payment.dispute?.status !== 'lost';
  if (failed > 0 || (isReturned && waits.length === 0)) {
    const what = failed > 0 ? amount(failed, order.currency) : 'the buyer';
    waits.push({
      who: 'people',
      for: `somebody to refund ${what} in another way: Stripe refused it, or the buyer’s bank returned it`,
      since: events.findLast(({ type }) => type === 'payment.refund-failed')?.at ?? payment.since,
      hint: triedHint(order._id),
    });
  }
  return waits;
}

/** Payments asks Stripe for it again until it is made. */
function refund(facts: Facts, payment: StoredPayment, what: string): Wait {
  if (payment.postponed) return balance(`a refund of ${what}`, payment.postponed.since);
  if (facts.stripeUnknown === 'away' || facts.stripe?.isAway) {
    return stripeAway(facts, `payments, which is to refund ${what}`);
  }
  const cause = facts.order.status === 'cancelled' ? 'order.cancelled' : 'order.tickets-ended';
  return blocked(facts, 'payments', `to refund ${what} to the buyer`, payment.since, cause);
}

/** A service that has something to do, and what keeps it from that. */
function blocked(facts: Facts, service: string, what: string, since: string, type: string): Wait {
  const letter = facts.letters.findLast((it) => it.service === service && it.type.startsWith(type));
  if (letter) {
    return {
      who: service,
      for: `${service} ${what}; it gave up ${letter.type} (${letter.reason})`,
      since: letter.at,
      hint: { text: `Retry dead letter ${letter.number}`, href: `/dead-letters/${letter.number}` },
    };
  }
  const away = notReady(facts, service);
  if (away) return { who: service, for: `${service} ${what}, but it does not run: ${away}`, since, hint: processHint };
  return { who: service, for: `${service} ${what}`, since, hint: logHint(service) };
}

/** Why no process of the service is ready. Nothing is known of services whose processes are not watched. */
function notReady({ processes }: Facts, service: string): string | undefined {
  const own = processes.filter((it) => it.service === service);
  if (own.length === 0 || own.some(({ ready }) => ready)) return undefined;
  return own[0]?.waitsFor.join(', ');
}

const processHint = { text: 'What runs', href: '/' };
const logHint = (service: string) => ({ text: `The log of ${service}`, href: `/logs?service=${service}` });

/** A listener is only late once it had this long. */
const usualDelayMs = 1_500;

/** Listeners that have not handled an event of the order. */
function unheard(facts: Facts): Wait[] {
  const late = ({ at }: HeardEvent) => facts.now.getTime() - Date.parse(at) > usualDelayMs;
  const open = facts.events
    .filter(late)
    .flatMap((event) =>
      event.hearings
        .filter(({ state }) => state !== 'handled')
        .map(({ service, state }) => ({ event, service, state })),
    );
  return [...Map.groupBy(open, ({ service }) => service)].map(([service, own]) => {
    const [first] = own;
    const types = [...new Set(own.map(({ event }) => event.type))].join(', ');
    const verb = own.some(({ state }) => state === 'delivered') ? 'finish with' : 'hear of';
    const away = notReady(facts, service);
    const since = first?.event.at ?? facts.now.toISOString();
    const but = away
      ? `, but it does not run: ${away}`
      : ` (announced ${lasts(facts.now.getTime() - Date.parse(since))} ago)`;
    return {
      who: service,
      for: `${service} to ${verb} ${types}${but}`,
      since,
      hint: away ? processHint : logHint(service),
    };
  });
}

/** In a clause after "waits for": who is next, and when it ends by itself. */
export function inWords({ for: what, until }: Wait, now: Date): string {
  if (!until) return what;
  const left = Date.parse(until) - now.getTime();
  return left > 0 ? `${what}, until ${clock(until)} (in ${lasts(left)})` : what;
}
