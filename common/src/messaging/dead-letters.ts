import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Bus } from './bus.ts';
import { deadLetterStream, isCalled, retryStream } from './topology.ts';

/**
 * A message that a listener could not handle, with everything needed to understand it and return it to that listener.
 */
export const DeadLetter = z.object({
  /** The service whose listener failed. */
  service: z.string(),
  /** The stream it was announced on; retries do not change it. */
  stream: z.string(),
  sequence: z.int(),
  subject: z.string(),
  /** What is wrong with it, as a sentence. */
  reason: z.string(),
  stack: z.string(),
  /** How often it was delivered, according to the server. */
  deliveries: z.int(),
  /** How often it has been retried as a dead letter. */
  retries: z.int().default(0),
  time: z.iso.datetime(),
  headers: z.record(z.string(), z.array(z.string())),
  /** The original payload in base64; empty if it was omitted. */
  payload: z.string(),
  /** The size of a payload omitted because it was too large; until it expires, its stream holds it at `sequence`. */
  omittedBytes: z.int().default(0),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Additional headers of a retry: its origin as `<stream>/<sequence>`, and the number of retries. */
const originLine = 'dead-letter-origin';
const retriesLine = 'dead-letter-retries';

/** A server's default limit, in bytes. */
const usualMaxPayload = 1024 * 1024;
/** The most that the headers of a dead letter's message take, in bytes. */
const besideTheLetter = 1_024;
/** The limit for a reason, and for a stack, in characters. */
const mostText = 10_000;

/** The subject that a message was announced on: `retries.orders.tickets.<id>.created` → `tickets.<id>.created`. */
export function originalSubject(subject: string): string {
  return subject.startsWith(`${retryStream}.`) ? subject.split('.').slice(2).join('.') : subject;
}

/**
 * Stores a message as a dead letter. Repeating it stores it once, because its position in its stream is its id. If it
 * would exceed the server's limit (base64 adds a third), the payload is omitted, and `retry` reads it from its stream.
 *
 * @throws when JetStream does not acknowledge it; the message must then not be dropped
 */
export async function bury(bus: Bus, service: string, message: JsMsg, error: unknown, now: Date): Promise<void> {
  const { stream, streamSequence, timestampNanos } = message.info;
  const [, announcedIn = stream, sequence = streamSequence] =
    /^([^/]+)\/(\d+)$/.exec(message.headers?.get(originLine) ?? '') ?? [];
  const letter: DeadLetter = {
    service,
    stream: announcedIn,
    sequence: Number(sequence),
    subject: originalSubject(message.subject),
    reason: (Error.isError(error) ? error.message : String(error)).slice(0, mostText),
    stack: ((Error.isError(error) && error.stack) || '').slice(0, mostText),
    deliveries: message.info.deliveryCount,
    retries: Number(message.headers?.get(retriesLine) || 0),
    time: now.toISOString(),
    headers: Object.fromEntries(
      (message.headers?.keys() ?? [])
        .filter((name) => name !== originLine && name !== retriesLine)
        .map((name) => [name, message.headers?.values(name) ?? []]),
    ),
    payload: Buffer.from(message.data).toString('base64'),
    omittedBytes: 0,
  };
  const lines = headers();
  // A rebuilt stream reuses sequence numbers; the storage time distinguishes its messages from those of the old one.
  lines.set('Nats-Msg-Id', `${service}/${stream}/${streamSequence}/${timestampNanos}`);
  const json = fitting(letter, (bus.connection.info?.max_payload ?? usualMaxPayload) - besideTheLetter);
  await bus.js.publish(`${deadLetterStream}.${service}.${letter.stream}`, json, { headers: lines });
}

/** As JSON of at most `maxBytes`, if necessary without the payload. The rest is small: headers are limited to 64 kB. */
function fitting(letter: DeadLetter, maxBytes: number): string {
  const whole = JSON.stringify(letter);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  return JSON.stringify({ ...letter, payload: '', omittedBytes: Buffer.byteLength(letter.payload, 'base64') });
}

/** A dead letter with its number: its sequence in the stream `dead-letters`, which is never reused. */
export interface Numbered {
  readonly number: number;
  readonly letter: DeadLetter;
}

/** Which dead letters are selected; missing fields match all. */
export interface Choice {
  readonly service?: string | undefined;
  /** An event type, for example `ticket.created`. */
  readonly type?: string | undefined;
  /** Part of the reason; case is ignored. */
  readonly reason?: string | undefined;
}

/** The event type in the message's headers; empty if there is none. */
export const typeOf = ({ headers: lines }: DeadLetter): string => lines['ce-type']?.[0] ?? '';

export function isChosen(letter: DeadLetter, { service, type, reason }: Choice): boolean {
  return (
    (service === undefined || letter.service === service) &&
    (type === undefined || typeOf(letter) === type) &&
    (reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

/**
 * The dead letters at the time of the call, oldest first. None if no service has ever listened.
 *
 * Later ones are not included, so retrying all of them ends even if all of them fail again.
 */
export async function* deadLetters(bus: Bus, choice: Choice = {}): AsyncGenerator<Numbered> {
  const { last, count } = await extent(bus);
  if (count === 0) return;
  const consumer = await bus.js.consumers.get(deadLetterStream);
  try {
    for (let pending = count; pending > 0; ) {
      const messages = await consumer.fetch({ max_messages: 500, expires: 2_000 });
      let hasCome = false;
      for await (const message of messages) {
        hasCome = true;
        if (message.seq > last) return;
        const found = { number: message.seq, letter: read(message) };
        if (isChosen(found.letter, choice)) yield found;
        pending = message.info.pending;
        // The remaining messages may have been removed meanwhile; without this check it would wait for them.
        if (pending === 0) break;
      }
      // All of them were removed meanwhile, or JetStream is slow.
      if (!hasCome) pending = (await consumer.info()).num_pending;
    }
  } finally {
    await consumer.delete().catch(() => {});
  }
}

async function extent(bus: Bus): Promise<{ last: number; count: number }> {
  try {
    const { state } = await bus.jsm.streams.info(deadLetterStream);
    return { last: state.last_seq, count: state.messages };
  } catch (error) {
    if (isCalled(error, streamMissing)) return { last: 0, count: 0 };
    throw error;
  }
}

/** One dead letter, or null if the number does not exist or was retried or discarded. */
export async function deadLetter(bus: Bus, number: number): Promise<Numbered | null> {
  try {
    const message = await bus.jsm.streams.getMessage(deadLetterStream, { seq: number });
    return message && { number, letter: read(message) };
  } catch (error) {
    if (isCalled(error, streamMissing)) return null;
    throw error;
  }
}

/** A message that no service wrote is shown like the others, so that it can be discarded. */
function read(message: JsMsg | StoredMsg): DeadLetter {
  try {
    return DeadLetter.parse(message.json());
  } catch {
    return {
      service: message.subject.split('.')[1] ?? '',
      stream: deadLetterStream,
      sequence: message.seq,
      subject: message.subject,
      reason: 'this dead letter was not written by a service and cannot be read',
      stack: '',
      deliveries: 0,
      retries: 0,
      time: message.time.toISOString(),
      headers: {},
      payload: Buffer.from(message.data).toString('base64'),
      omittedBytes: 0,
    };
  }
}

/**
 * Returns a dead letter to the listener that failed, and to no other, with all its tries. If they fail, it becomes a
 * dead letter again, with a new number.
 *
 * It is removed only after JetStream has acknowledged the retry. Repeating the call within a day, for example after a
 * crash in between, makes only one retry; later the listener receives it twice, which it must handle anyway. The retry
 * waits while the service is down.
 *
 * @throws when the retry is not acknowledged, or an omitted payload is no longer in its stream; the dead letter is kept
 */
export async function retry(bus: Bus, { number, letter }: Numbered): Promise<void> {
  const payload = await payloadOf(bus, letter);
  const lines = headers();
  for (const [name, values] of Object.entries(letter.headers)) {
    // The server interprets its own headers and would treat the message as a duplicate, part of a batch, or a schedule.
    if (name.toLowerCase().startsWith('nats-')) continue;
    for (const value of values) lines.append(name, value);
  }
  lines.set('Nats-Msg-Id', `${number}/${letter.time}`);
  lines.set(originLine, `${letter.stream}/${letter.sequence}`);
  lines.set(retriesLine, `${letter.retries + 1}`);
  try {
    await bus.js.publish(`${retryStream}.${letter.service}.${letter.subject}`, payload, { headers: lines });
  } catch (cause) {
    // The client's error for a subject that belongs to no stream.
    if (!Error.isError(cause) || cause.name !== 'JetStreamNotEnabled') throw cause;
    throw new Error('there is no stream for retries: no service has listened here yet', { cause });
  }
  await discard(bus, number);
}

/**
 * The payload, read from its original stream if it was omitted.
 *
 * @throws Error with a sentence if it is no longer there
 */
export async function payloadOf(bus: Bus, letter: DeadLetter): Promise<Uint8Array> {
  if (letter.omittedBytes === 0) return Buffer.from(letter.payload, 'base64');
  const { stream, sequence, subject } = letter;
  const original = await bus.jsm.streams.getMessage(stream, { seq: sequence }).catch((error: unknown) => {
    if (isCalled(error, streamMissing)) return null;
    throw error;
  });
  // A re-created stream counts from 1 again.
  const isTheSame = original?.subject === subject && original.data.length === letter.omittedBytes;
  if (!isTheSame) {
    const where = `message ${sequence} of the stream ${stream}`;
    throw new Error(`its ${letter.omittedBytes} bytes were too many to be stored here, and ${where} no longer exists`);
  }
  return original.data;
}

/** Deletes a dead letter permanently. Resolves with false if it was already gone. */
export async function discard(bus: Bus, number: number): Promise<boolean> {
  try {
    return await bus.jsm.streams.deleteMessage(deadLetterStream, number, false);
  } catch (error) {
    // The same error code covers all failed deletions, including a message that does not exist.
    if ((await deadLetter(bus, number)) === null) return false;
    throw error;
  }
}

/** JetStream's error: there is no such stream. */
const streamMissing = 10059;
