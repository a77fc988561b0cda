import type { Bus } from '@box-office/common/messaging/bus';
import type { StoredMsg } from '@nats-io/jetstream';
import type { Message } from './message.ts';

export interface Range {
  readonly stream: string;
  readonly fromSeq: number;
  readonly most: number;
  /** Only messages of this subject, which may have wildcards. */
  readonly subject?: string;
}

const mostBytes = 4 * 1024 * 1024;

/**
 * Messages of a stream in their order, by direct gets: nothing is consumed, acknowledged or created, so it works with
 * work queues as well.
 */
export async function* messagesFrom(bus: Bus, { stream, fromSeq, most, subject }: Range): AsyncGenerator<Message> {
  const found = await bus.jsm.direct.getBatch(stream, {
    seq: Math.max(fromSeq, 1),
    batch: most,
    max_bytes: mostBytes,
    ...(subject ? { next_by_subj: subject } : {}),
  });
  try {
    for await (const message of found) yield asMessage(message);
  } catch (error) {
    // There is no message with that sequence or a later one.
    if (!isNoMessage(error)) throw error;
  }
}

export async function oneMessage(bus: Bus, stream: string, seq: number): Promise<Message | null> {
  const message = await bus.jsm.direct.getMessage(stream, { seq });
  return message && asMessage(message);
}

/** The first message from there on that has one of the subjects. */
export async function firstOf(
  bus: Bus,
  stream: string,
  seq: number,
  subjects: readonly string[],
): Promise<Message | undefined> {
  const found = await Promise.all(
    subjects.map((subject) => bus.jsm.direct.getMessage(stream, { seq, next_by_subj: subject }).catch(() => null)),
  );
  return found
    .filter((it) => it !== null)
    .map(asMessage)
    .toSorted((a, b) => a.seq - b.seq)[0];
}

const asMessage = ({ subject, seq, time, data, header }: StoredMsg): Message => ({
  subject,
  seq,
  time,
  data,
  headers: header,
});

const isNoMessage = (error: unknown): boolean => Error.isError(error) && /message not found|404/i.test(error.message);
