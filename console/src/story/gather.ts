import type { Bus } from '@box-office/common/messaging/bus';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Event } from '../api/events.ts';
import type { LogLine } from '../api/logs.ts';
import { away, notThere, Refused } from '../refused.ts';
import type { Broker } from '../sources/broker.ts';
import type { DeadLetters } from '../sources/dead-letters.ts';
import type { Logs } from '../sources/logs.ts';
import { eventOf, parsed } from '../sources/message.ts';
import type { Processes } from '../sources/processes.ts';
import { messagesFrom } from '../sources/reading.ts';
import type { SandboxSource } from '../sources/sandbox.ts';
import type { Databases, Stored } from './databases.ts';
import {
  type Facts,
  type HeardEvent,
  madeAt,
  type StoredMail,
  type StoredOrder,
  type StoredPayment,
  ticketsIn,
} from './facts.ts';
import { atStripe } from './stripe-side.ts';

export interface Witnesses {
  readonly databases: Databases;
  readonly broker: Broker;
  readonly letters: DeadLetters;
  readonly logs: Logs;
  readonly processes: Processes;
  readonly sandbox: SandboxSource;
}

/** How many events of an order are told. */
const mostEvents = 500;
const mostWarnings = 200;

/** Asks everybody about an order. Whoever does not answer is missing from the facts, and named. @throws Refused 404 */
export async function gather(witnesses: Witnesses, orderId: string, now: Date): Promise<Facts> {
  const { databases, broker, letters, logs, processes, sandbox } = witnesses;
  const order = await one<StoredOrder>(databases, 'orders', 'orders', orderId).catch((error: unknown) => {
    if (error instanceof Refused) throw error;
    throw away(`The database of orders does not answer: ${Error.isError(error) ? error.message : error}`);
  });
  if (!order) throw notThere(`There is no order ${orderId}.`);
  const missing: string[] = [];
  /** The answer, or nothing and a sentence about who did not give it. */
  const known = async <Answer>(who: string, asking: () => Promise<Answer>, without: Answer): Promise<Answer> => {
    try {
      return await asking();
    } catch (error) {
      missing.push(`${who}: ${Error.isError(error) ? error.message.split('\n', 1)[0] : error}`);
      return without;
    }
  };
  const ids = ticketsIn(order).map(({ id }) => id);
  const isShow = Boolean(order.showId);
  const [payment, payable, tickets, knownTickets, units, mails, heard, found, stripe] = await Promise.all([
    known('payments’ database', () => one<StoredPayment>(databases, 'payments', 'payments', orderId), undefined),
    known('payments’ database', () => one<Stored>(databases, 'payments', 'payable-orders', orderId), undefined),
    known('tickets’ database', () => some(databases, 'tickets', 'tickets', isShow ? [] : ids), []),
    known('orders’ database', () => some(databases, 'orders', 'known-tickets', isShow ? [] : ids), []),
    known('tickets’ database', () => some(databases, 'tickets', 'units', isShow ? ids : []), []),
    known('mail’s database', () => mailsAbout(databases, orderId), []),
    known('NATS', () => eventsAbout(broker.bus(), orderId), { events: [], timerAt: undefined }),
    known('the dead letters', () => letters.about([orderId, ...ids]), []),
    known('the sandbox', () => askStripe(sandbox, orderId), { stripe: undefined, stripeUnknown: 'away' }),
  ]);
  if (stripe.stripe?.isAway) missing.push('Stripe: it does not answer, so its webhooks are not shown');
  if (stripe.stripe?.isCut) missing.push('Stripe: it has too many newer events for all webhooks to be shown');
  if (!logs.areThere) missing.push('the requests of people: this console reads no log lines');
  return {
    now,
    order,
    payment,
    payable,
    tickets,
    knownTickets,
    units,
    mails,
    ...heard,
    letters: found,
    processes: processes.list(),
    requests: requestsOf(logs, orderId, heard.events),
    warnings: warningsAbout(logs, orderId),
    ...stripe,
    missing: [...new Set(missing)],
  };
}

/** The real Stripe is not asked: it has a dashboard. */
async function askStripe(sandbox: SandboxSource, orderId: string): Promise<Pick<Facts, 'stripe' | 'stripeUnknown'>> {
  if (!sandbox.isThere) return { stripe: undefined, stripeUnknown: 'elsewhere' };
  return { stripe: await atStripe(sandbox, orderId) };
}

async function one<Document extends Stored>(
  { collection }: Databases,
  service: string,
  name: string,
  id: string,
): Promise<Document | undefined> {
  const found = await (await collection(service, name)).findOne({ _id: id });
  // What the services store is theirs to check: see `npm run audit`.
  return (found as Document | null) ?? undefined;
}

async function some({ collection }: Databases, service: string, name: string, ids: readonly string[]) {
  return (await collection(service, name)).find({ _id: { $in: [...ids] } }).toArray();
}

async function mailsAbout({ collection }: Databases, orderId: string): Promise<StoredMail[]> {
  // The facts of a mail are `<order>:<what>`, under an index.
  const about = { facts: { $gte: `${orderId}:`, $lt: `${orderId};` } };
  return (await (await collection('mail', 'mails')).find(about).limit(100).toArray()) as StoredMail[];
}

const streams = ['orders', 'payments', 'expiration'];

async function eventsAbout(bus: Bus, orderId: string): Promise<Pick<Facts, 'events' | 'timerAt'>> {
  const events: HeardEvent[] = [];
  let timerAt: string | undefined;
  for (const stream of streams) {
    const consumers = await consumersOf(bus, stream);
    const about = { stream, subject: `${stream}.${orderId}.*`, fromSeq: 1, most: mostEvents };
    for await (const message of messagesFrom(bus, about)) {
      const data = parsed(Buffer.from(message.data).toString()) as Record<string, unknown>;
      if (message.subject.endsWith('.timer')) timerAt = `${data.expiresAt}`;
      else events.push({ ...eventOf(stream, message), data, hearings: hearingsOf(message, consumers) });
    }
  }
  return { events: events.toSorted((a, b) => a.at.localeCompare(b.at)), timerAt };
}

async function consumersOf(bus: Bus, stream: string): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  try {
    for await (const info of bus.jsm.consumers.list(stream)) if (info.config.durable_name) found.push(info);
  } catch {
    // Nobody has announced anything on it yet.
  }
  return found;
}

function hearingsOf({ subject, seq }: { subject: string; seq: number }, consumers: readonly ConsumerInfo[]) {
  return consumers
    .filter(({ config }) =>
      (config.filter_subjects ?? [config.filter_subject ?? '>']).some((it) => covers(it, subject)),
    )
    .map(({ name, ack_floor, delivered, num_ack_pending }) => {
      const isHandled = seq <= ack_floor.stream_seq || (seq <= delivered.stream_seq && num_ack_pending === 0);
      const state = isHandled
        ? ('handled' as const)
        : seq <= delivered.stream_seq
          ? ('delivered' as const)
          : ('waiting' as const);
      return { service: name, state };
    })
    .toSorted((a, b) => a.service.localeCompare(b.service));
}

/** Whether a subject with wildcards covers one without. */
function covers(filter: string, subject: string): boolean {
  const wanted = filter.split('.');
  const words = subject.split('.');
  const isRest = wanted.at(-1) === '>';
  if (isRest ? words.length < wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, place) => word === '*' || word === '>' || word === words[place]);
}

/** The requests that belong to the order: they name it, or caused one of its events. Oldest first. */
function requestsOf(logs: Logs, orderId: string, events: readonly Event[]): LogLine[] {
  const traces = new Set(events.flatMap(({ traceId }) => (traceId ? [traceId] : [])));
  const since = madeAt(orderId);
  return logs
    .requests(
      ({ at, traceId, orderId: order }) => at >= since && (order === orderId || (!!traceId && traces.has(traceId))),
    )
    .reverse();
}

function warningsAbout(logs: Logs, orderId: string): LogLine[] {
  if (!logs.areThere) return [];
  const { items } = logs.list({ order: orderId, level: 'warn', limit: mostWarnings, before: undefined });
  return items.filter((line) => line.orderId === orderId).reverse();
}
