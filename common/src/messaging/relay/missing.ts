import { JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import { z } from 'zod';
import type { Announcer } from '../../contracts/event.ts';
import type { OutboxEvent } from '../../store/outbox.ts';
import type { Bus } from '../bus.ts';

/** Subjects per request; JetStream allows at most 1024. */
export const subjectsPerRequest = 500;
const answerWithinMs = 10_000;

const Versioned = z.object({ version: z.int() });

/**
 * The snapshots that a stream lacks: those without a message of that version or a newer one on their subject. The
 * others have been or will be delivered; announcing them again would make every listener process them again.
 *
 * @throws when JetStream does not answer
 */
export async function missingFrom(bus: Bus, stream: Announcer, events: readonly OutboxEvent[]): Promise<OutboxEvent[]> {
  const held = new Map<string, number>();
  const subjects = [...new Set(events.map(({ subject }) => subject))];
  for (let from = 0; from < subjects.length; from += subjectsPerRequest) {
    for (const message of await lastMessages(bus, stream, subjects.slice(from, from + subjectsPerRequest))) {
      held.set(message.subject, versionIn(message));
    }
  }
  return events.filter(({ subject, data }) => (held.get(subject) ?? -1) < Versioned.parse(data).version);
}

async function lastMessages(bus: Bus, stream: Announcer, subjects: string[]): Promise<StoredMsg[]> {
  const answer = await bus.jsm.direct.getLastMessagesFor(stream, { multi_last: subjects });
  // A server that dies while answering never ends its answer.
  const patience = setTimeout(() => answer.stop(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
  const messages: StoredMsg[] = [];
  try {
    for await (const message of answer) messages.push(message);
    return messages;
  } catch (error) {
    // 404 means that none of the subjects has a message.
    if (error instanceof JetStreamApiError && error.status === 404) return [];
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

/** A message that is not a snapshot counts as none. */
function versionIn(message: StoredMsg): number {
  try {
    return Versioned.parse(message.json()).version;
  } catch {
    return -1;
  }
}
