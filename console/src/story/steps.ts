import { type LogLine, reasonIn } from '../api/logs.ts';
import type { Step } from '../api/story.ts';
import { clock, type Facts, type HeardEvent, type StoredMail } from './facts.ts';

/** All that happened to an order, and what is to come, in the order of time. */
export function stepsOf(facts: Facts): Step[] {
  const { events, letters, mails, requests, warnings, timerAt } = facts;
  const steps: Step[] = [
    ...requestSteps(requests),
    ...repeated(warnings, ({ service, message, fields }) => `${service} ${message} ${reasonIn(fields)}`).map(warned),
    ...events.flatMap((event) => [announced(event), ...heard(event)]),
    ...letters.map(
      (letter): Step => ({
        at: letter.at,
        kind: 'dead-letter',
        who: letter.service,
        what: `Gave up ${letter.type} after ${letter.deliveries} ${letter.deliveries === 1 ? 'try' : 'tries'}: ${letter.reason}`,
        deadLetter: letter.number,
        event: { stream: letter.stream, seq: letter.seq, type: letter.type },
        ...(letter.traceId ? { traceId: letter.traceId } : {}),
        ok: false,
      }),
    ),
    ...mails.map(mailed),
    ...stripeSteps(facts),
    ...(timerAt ? [timer(timerAt)] : []),
  ];
  const madeAt = events.find(({ type }) => type === 'order.created')?.at ?? '';
  return steps.map((step) => notBefore(madeAt, step)).toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Stripe's times are whole seconds, and so before what had caused them. */
const notBefore = (at: string, step: Step): Step =>
  (step.kind === 'stripe' || step.kind === 'webhook') && step.at < at ? { ...step, at } : step;

const timer = (at: string): Step => ({
  at,
  kind: 'timer',
  who: 'expiration',
  what: `The timer rings at ${clock(at)} if the order is still open`,
  waiting: true,
});

/** The first of the lines that say the same. */
interface Repeated {
  readonly line: LogLine;
  readonly times: number;
  readonly lastAt: string;
}

const once = (line: LogLine): Repeated => ({ line, times: 1, lastAt: line.at });

function repeated(lines: readonly LogLine[], sayingOf: (line: LogLine) => string): Repeated[] {
  return [...Map.groupBy(lines, sayingOf).values()].flatMap((same) => {
    const [line, last] = [same[0], same.at(-1)];
    return line && last ? [{ line, times: same.length, lastAt: last.at }] : [];
  });
}

/** A page that looks again and again is one step. */
function requestSteps(requests: readonly LogLine[]): Step[] {
  const isRead = ({ fields }: LogLine) => fields.method === 'GET';
  const reads = repeated(
    requests.filter(isRead),
    ({ service, fields }) => `${service} ${fields.path} ${fields.status}`,
  );
  const others = requests.filter((it) => !isRead(it)).map(once);
  return [...reads, ...others].map(requested);
}

function requested(same: Repeated): Step {
  const { at, service, traceId, fields } = same.line;
  const { method, path, status, ms } = fields;
  const took = ms === undefined || same.times > 1 ? '' : ` in ${ms} ms`;
  return {
    at,
    kind: 'request',
    who: service,
    what: `${method} ${path} was answered ${status}${took}${howOften(same)}`,
    ...(typeof status === 'number' ? verdictOf(status) : {}),
    ...(traceId ? { traceId } : {}),
  };
}

/** A refusal may be right: a page asks again when a payment is not ready yet. */
const verdictOf = (status: number): Pick<Step, 'ok'> =>
  status < 400 ? { ok: true } : status >= 500 ? { ok: false } : {};

function warned(same: Repeated): Step {
  const { at, service, traceId, level, message, fields } = same.line;
  const reason = reasonIn(fields);
  return {
    at,
    kind: 'warning',
    who: service,
    what: `${message}${reason ? `: ${reason}` : ''}${howOften(same)}`,
    ...(level === 'error' ? { ok: false } : {}),
    ...(traceId ? { traceId } : {}),
  };
}

const howOften = ({ times, lastAt }: Repeated): string =>
  times === 1 ? '' : `, ${times} times until ${clock(lastAt)}`;

const sentences: Readonly<Record<string, string>> = {
  'order.created': 'The order was made, and its tickets are held',
  'order.awaiting-payment': 'The money is authorized; it may be captured, and nobody can cancel any more',
  'order.completed': 'The order is complete, and the tickets are the buyer’s',
  'order.cancelled': 'The order was cancelled',
  'order.refunded': 'The buyer was refunded',
  'order.partly-refunded': 'A part of the price was refunded, or a refund was taken back',
  'order.offered': 'What the buyer offers to others has changed',
  'order.tickets-ended': 'Some tickets are the buyer’s no longer',
  'order.refund-postponed': 'A refund waits for balance at Stripe, or no longer does',
  'order.disputed': 'The dispute of the buyer’s bank has changed',
  'payment.authorized': 'The money is reserved on the buyer’s card',
  'payment.captured': 'The money was captured',
  'payment.failed': 'Stripe refused the payment, and no money was taken',
  'payment.voided': 'The money on the card was let go',
  'payment.refunded': 'All of the money was refunded',
  'payment.partly-refunded': 'A part of the money was refunded',
  'payment.refund-failed': 'A refund was refused or taken back',
  'payment.refund-postponed': 'A refund waits for balance at Stripe, or no longer does',
  'payment.disputed': 'The buyer’s bank has opened, changed or decided a dispute',
  'expiration.completed': 'The time to pay is up',
};

function announced({ at, stream, seq, type, version, traceId, data }: HeardEvent): Step {
  const reason = type === 'order.cancelled' && data.reason ? ` (${data.reason})` : '';
  return {
    at,
    kind: 'event',
    who: stream,
    what: `${sentences[type] ?? type}${reason}`,
    event: { stream, seq, type },
    ...(version === undefined ? {} : { version }),
    ...(traceId ? { traceId } : {}),
  };
}

/** One step for all who have handled it, and one for each who has not. */
function heard({ at, stream, seq, type, hearings }: HeardEvent): Step[] {
  const handled = hearings.filter(({ state }) => state === 'handled').map(({ service }) => service);
  const event = { stream, seq, type };
  const done: Step[] =
    handled.length === 0
      ? []
      : [{ at, kind: 'delivery', who: handled.join(', '), what: `Handled ${type}`, event, ok: true }];
  const open = hearings
    .filter(({ state }) => state !== 'handled')
    .map(
      ({ service, state }): Step => ({
        at,
        kind: 'delivery',
        who: service,
        what: state === 'delivered' ? `Got ${type} and has not finished with it` : `Has not got ${type} yet`,
        event,
        waiting: true,
      }),
    );
  return [...done, ...open];
}

const mailStates: Readonly<Record<string, string>> = {
  sent: 'Sent',
  refused: 'No mail server took',
  overtaken: 'Left out, because a later one tells the same,',
  'too-late': 'Left out, because it would have come too late,',
  forgotten: 'Left out, because its reader deleted their account,',
  unreadable: 'Could not read',
};

function mailed({ kind, state, at, endedAt, dueAt, tries }: StoredMail): Step {
  const isQueued = state === 'queued';
  const tried = tries > 0 ? ` (tried ${tries} times)` : '';
  return {
    at: (endedAt ?? (isQueued ? dueAt : undefined) ?? at).toISOString(),
    kind: 'mail',
    who: 'mail',
    what: isQueued ? `The mail “${kind}” waits to be sent${tried}` : `${mailStates[state] ?? state} the mail “${kind}”`,
    ...(isQueued ? { waiting: true } : { ok: state !== 'refused' && state !== 'unreadable' }),
  };
}

const webhookStates = {
  delivered: 'was delivered',
  waiting: 'is on its way',
  lost: 'was lost',
};

const wordsOf = (status: string): string => status.replaceAll('_', ' ');

function stripeSteps({ stripe, order }: Facts): Step[] {
  if (!stripe?.intent) return [];
  const { intent, webhooks, refunds, lastError, paidAt } = stripe;
  const says = (at: string, what: string, ok: boolean): Step => ({ at, kind: 'stripe', who: 'stripe', what, ok });
  const isLeft = order.status === 'cancelled' && intent.status !== 'canceled';
  return [
    says(intent.at, `The payment was begun${isLeft ? `, and is still “${wordsOf(intent.status)}”` : ''}`, !isLeft),
    ...(lastError && !paidAt ? [says(intent.at, `The last card was refused: ${lastError}`, false)] : []),
    ...(paidAt ? [says(paidAt, 'The buyer’s bank let the payment through', true)] : []),
    ...refunds.map(
      ({ at, status }): Step => ({
        at,
        kind: 'stripe',
        who: 'stripe',
        what: `A refund is ${status}`,
        ok: status !== 'failed',
      }),
    ),
    ...webhooks.map(
      ({ at, type, state }): Step => ({
        at,
        kind: 'webhook',
        who: 'stripe',
        what: `The webhook ${type} ${webhookStates[state]}`,
        ...(state === 'waiting' ? { waiting: true } : { ok: state === 'delivered' }),
      }),
    ),
  ];
}
