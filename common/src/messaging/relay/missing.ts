import { JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import { z } from 'zod';
import type { Announcer } from '../../contracts/event.ts';
import type { OutboxEvent } from '../../store/outbox.ts';
import type { Bus } from '../bus.ts';

/** JetStream answers for at most 1024 subjects at once. */
export const askedTogether = 500;
const answerWithinMs = 10_000;

const Versioned = z.object({ version: z.int() });

/**
 * Which of these snapshots a stream does not hold: those whose subject it has no message of that version or a newer one for.
 * What it holds, its listeners have heard or will hear; saying it again would have each of them look at it again.
 *
 * @throws when JetStream does not answer
 */
export async function missingFrom(bus: Bus, stream: Announcer, events: readonly OutboxEvent[]): Promise<OutboxEvent[]> {
  const held = new Map<string, number>();
  const subjects = [...new Set(events.map(({ subject }) => subject))];
  for (let from = 0; from < subjects.length; from += askedTogether) {
    for (const message of await lastMessages(bus, stream, subjects.slice(from, from + askedTogether))) {
      held.set(message.subject, versionIn(message));
    }
  }
  return events.filter(({ subject, data }) => (held.get(subject) ?? -1) < Versioned.parse(data).version);
}

async function lastMessages(bus: Bus, stream: Announcer, subjects: string[]): Promise<StoredMsg[]> {
  const answer = await bus.jsm.direct.getLastMessagesFor(stream, { multi_last: subjects });
  // A server that dies amid its answer never ends it.
  const patience = setTimeout(() => answer.stop(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
  const messages: StoredMsg[] = [];
  try {
    for await (const message of answer) messages.push(message);
    return messages;
  } catch (error) {
    // No results: none of the subjects has a message.
    if (error instanceof JetStreamApiError && error.status === 404) return [];
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

/** Whatever a subject carries that is no snapshot stands for none. */
function versionIn(message: StoredMsg): number {
  try {
    return Versioned.parse(message.json()).version;
  } catch {
    return -1;
  }
}
