import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Bus } from './bus.ts';
import { deadLetterStream, isCalled, retryStream } from './topology.ts';

/** A message that a listener could not handle, kept whole where it fits, with everything needed to understand it and to hand it back to that listener alone. */
export const DeadLetter = z.object({
  /** The service whose listener failed. */
  service: z.string(),
  /** Where it was announced, however often it has been retried since. */
  stream: z.string(),
  sequence: z.int(),
  subject: z.string(),
  /** A sentence: what is wrong with it. */
  reason: z.string(),
  stack: z.string(),
  /** How often it was delivered, as far as the server remembers. */
  deliveries: z.int(),
  /** How often it was a dead letter before, and was retried. */
  retries: z.int().default(0),
  time: z.iso.datetime(),
  headers: z.record(z.string(), z.array(z.string())),
  /** The payload as it came, base64; empty when it was left out. */
  payload: z.string(),
  /** How many bytes of payload were left out, because the server takes no message so large. Its stream holds them at `sequence`, for as long as it keeps them. */
  omittedBytes: z.int().default(0),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** The headers that a retry has beside those of the message it repeats: `<stream>/<sequence>`, and how many retries that makes. */
const originLine = 'dead-letter-origin';
const retriesLine = 'dead-letter-retries';

/** What a server takes that is not told otherwise, in bytes. */
const usualMaxPayload = 1024 * 1024;
/** The headers of the message that carries a dead letter need no more, in bytes. */
const besideTheLetter = 1_024;
/** Of a reason, and of a stack, in characters. */
const mostText = 10_000;

/** The subject that a message was announced on: `retries.orders.tickets.<id>.created` → `tickets.<id>.created`. */
export function originalSubject(subject: string): string {
  return subject.startsWith(`${retryStream}.`) ? subject.split('.').slice(2).join('.') : subject;
}

/**
 * Puts a message aside. Kept once however often it is put aside: its place in its stream is its id.
 * One that would be larger than the server takes, for base64 adds a third, is kept without its payload: `retry` gets that from its stream.
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
  // The moment of storing tells a rebuilt stream's messages from those of the stream before it, whose numbers they share.
  lines.set('Nats-Msg-Id', `${service}/${stream}/${streamSequence}/${timestampNanos}`);
  const json = fitting(letter, (bus.connection.info?.max_payload ?? usualMaxPayload) - besideTheLetter);
  await bus.js.publish(`${deadLetterStream}.${service}.${letter.stream}`, json, { headers: lines });
}

/** As JSON of at most so many bytes, without the payload if it has to be. The rest is small: a server takes no more than 64 kB of headers. */
function fitting(letter: DeadLetter, maxBytes: number): string {
  const whole = JSON.stringify(letter);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  return JSON.stringify({ ...letter, payload: '', omittedBytes: Buffer.byteLength(letter.payload, 'base64') });
}

/** A dead letter with its number: its place in the stream `dead-letters`, which no other ever gets. */
export interface Numbered {
  readonly number: number;
  readonly letter: DeadLetter;
}

/** Which dead letters are meant; what is not given does not matter. */
export interface Choice {
  readonly service?: string | undefined;
  /** An event type, for example `ticket.created`. */
  readonly type?: string | undefined;
  /** Part of the reason, in capitals or not. */
  readonly reason?: string | undefined;
}

/** The type that a dead letter's message says it has; empty when it says none. */
export const typeOf = ({ headers: lines }: DeadLetter): string => lines['ce-type']?.[0] ?? '';

export function isChosen(letter: DeadLetter, { service, type, reason }: Choice): boolean {
  return (
    (service === undefined || letter.service === service) &&
    (type === undefined || typeOf(letter) === type) &&
    (reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

/**
 * The dead letters that lie there when it is called, oldest first. None when no service has ever listened.
 *
 * What is buried meanwhile is not among them, so whoever retries them all comes to an end even if all fail again.
 */
export async function* deadLetters(bus: Bus, choice: Choice = {}): AsyncGenerator<Numbered> {
  const { last, count } = await extent(bus);
  if (count === 0) return;
  const consumer = await bus.js.consumers.get(deadLetterStream);
  try {
    for (let pending = count; pending > 0; ) {
      const messages = await consumer.fetch({ max_messages: 500, expires: 2_000 });
      pending = 0;
      for await (const message of messages) {
        if (message.seq > last) return;
        const found = { number: message.seq, letter: read(message) };
        if (isChosen(found.letter, choice)) yield found;
        pending = message.info.pending;
        // Others may have removed what was still to come: then nothing more comes, and it would wait for that.
        if (pending === 0) break;
      }
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

/** One dead letter, or null when there is none of this number: it never was, or has been retried or discarded. */
export async function deadLetter(bus: Bus, number: number): Promise<Numbered | null> {
  try {
    const message = await bus.jsm.streams.getMessage(deadLetterStream, { seq: number });
    return message && { number, letter: read(message) };
  } catch (error) {
    if (isCalled(error, streamMissing)) return null;
    throw error;
  }
}

/** Somebody else may have put something there: it is shown like the others, so that it can be discarded. */
function read(message: JsMsg | StoredMsg): DeadLetter {
  try {
    return DeadLetter.parse(message.json());
  } catch {
    return {
      service: message.subject.split('.')[1] ?? '',
      stream: deadLetterStream,
      sequence: message.seq,
      subject: message.subject,
      reason: 'no service has written this dead letter: it cannot be read',
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
 * Hands a dead letter back to the listener that failed, and to no other: it gets all its tries again. When they fail it is a dead letter once more, with a new number.
 *
 * It is removed only after JetStream has acknowledged the retry. Who asks twice within a day, or dies between the two and asks again, makes one retry of it all the same;
 * later than that the listener hears it twice, which it must cope with anyway. While its service is away it waits.
 *
 * @throws when the retry is not acknowledged, or a payload that was left out is not in its stream any more; the dead letter is then still there
 */
export async function retry(bus: Bus, { number, letter }: Numbered): Promise<void> {
  const payload = await payloadOf(bus, letter);
  const lines = headers();
  for (const [name, values] of Object.entries(letter.headers)) {
    // The server acts on its own headers: it would take the message for a repeat, a part of a batch, or a schedule.
    if (name.toLowerCase().startsWith('nats-')) continue;
    for (const value of values) lines.append(name, value);
  }
  lines.set('Nats-Msg-Id', `${number}/${letter.time}`);
  lines.set(originLine, `${letter.stream}/${letter.sequence}`);
  lines.set(retriesLine, `${letter.retries + 1}`);
  try {
    await bus.js.publish(`${retryStream}.${letter.service}.${letter.subject}`, payload, { headers: lines });
  } catch (cause) {
    // What the client makes of a subject that no stream takes.
    if (!Error.isError(cause) || cause.name !== 'JetStreamNotEnabled') throw cause;
    throw new Error('there is no stream for retries: no service that can hear one has listened here yet', { cause });
  }
  await discard(bus, number);
}

/**
 * The payload, fetched from the stream it was announced on if it was left out.
 *
 * @throws Error with a sentence when it is not there any more
 */
export async function payloadOf(bus: Bus, letter: DeadLetter): Promise<Uint8Array> {
  if (letter.omittedBytes === 0) return Buffer.from(letter.payload, 'base64');
  const { stream, sequence, subject } = letter;
  const original = await bus.jsm.streams.getMessage(stream, { seq: sequence }).catch((error: unknown) => {
    if (isCalled(error, streamMissing)) return null;
    throw error;
  });
  // A stream that was made anew counts from 1 again.
  const isTheSame = original?.subject === subject && original.data.length === letter.omittedBytes;
  if (!isTheSame) {
    const where = `message ${sequence} of the stream ${stream}`;
    throw new Error(
      `its ${letter.omittedBytes} bytes were too many to be kept here, and ${where} is not there any more`,
    );
  }
  return original.data;
}

/** Removes a dead letter for good. False when it was gone already. */
export async function discard(bus: Bus, number: number): Promise<boolean> {
  try {
    return await bus.jsm.streams.deleteMessage(deadLetterStream, number, false);
  } catch (error) {
    // One error number stands for all that can keep a message from being deleted, its absence among them.
    if ((await deadLetter(bus, number)) === null) return false;
    throw error;
  }
}

/** JetStream's error: there is no such stream. */
const streamMissing = 10059;
