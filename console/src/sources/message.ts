import type { Event, WholeEvent } from '../api/events.ts';
import { redact, redactFields } from '../redact.ts';

/** A message as JetStream gives it, read or delivered. */
export interface Message {
  readonly subject: string;
  readonly seq: number;
  readonly time: Date;
  readonly data: Uint8Array;
  readonly headers?: Headers | undefined;
}

interface Headers {
  get(name: string): string;
  keys(): string[];
  values(name: string): string[];
}

/** Streams whose events are about the order that has the id in the subject. */
const aboutOrders = new Set(['orders', 'payments', 'expiration']);

/** The event in a message. Its data is looked at as text: parsing each would cost more than all the rest. */
export function eventOf(stream: string, message: Message): Event {
  const { subject, seq, time, data, headers } = message;
  const [announcer = '', id = ''] = announcedAs(stream, subject);
  const text = Buffer.from(data).toString();
  const version = /"version":(\d+)/.exec(text)?.[1];
  const orderId = aboutOrders.has(announcer) ? id : orderIdIn(text);
  const traceId = traceIdIn(headers?.get('traceparent'));
  // A message that the server is to publish later: nothing has happened yet.
  const dueAt = /^@at (\S+)/.exec(headers?.get('Nats-Schedule') ?? '')?.[1];
  return {
    stream,
    seq,
    subject,
    at: time.toISOString(),
    type: dueAt ? 'timer set' : headers?.get('ce-type') || subject,
    id,
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(orderId ? { orderId } : {}),
    ...(traceId ? { traceId } : {}),
    ...(dueAt ? { dueAt } : {}),
    bytes: data.length,
  };
}

/** `retries.mail.orders.<id>.created` and `dead-letters.mail.orders` name the listener first. */
function announcedAs(stream: string, subject: string): string[] {
  const words = subject.split('.');
  return stream === 'retries' ? words.slice(2) : stream === 'dead-letters' ? [] : words;
}

export const orderIdIn = (text: string): string | undefined => /"orderId":"([0-9a-f]{24})"/.exec(text)?.[1];

export const traceIdIn = (traceparent: string | undefined): string | undefined =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent ?? '')?.[1];

export type Announced = Omit<WholeEvent, 'deadLetters'>;

export function wholeEventOf(stream: string, message: Message): Announced {
  return {
    ...eventOf(stream, message),
    headers: redactedHeaders(
      Object.fromEntries((message.headers?.keys() ?? []).map((name) => [name, message.headers?.values(name) ?? []])),
    ),
    data: redact(parsed(Buffer.from(message.data).toString())),
  };
}

export function redactedHeaders(headers: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(redactFields(headers)).map(([name, values]) => [name, [values].flat().map(String)]),
  );
}

/** As JSON, otherwise the text itself. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
