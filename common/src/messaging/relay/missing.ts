import type { StoredMsg } from '@nats-io/jetstream';
import { z } from 'zod';
import type { Announcer } from '../../contracts/event.ts';
import type { OutboxEvent } from '../../store/outbox.ts';
import type { Bus } from '../bus.ts';

/** Messages asked for at a time. */
export const askedTogether = 500;

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
  for (let from = 0; from < subjects.length; from += askedTogether) {
    const some = subjects.slice(from, from + askedTogether);
    // One by one: direct access, which reads many at once, is closed to services (see `permissionsOf`).
    const last = await Promise.all(
      some.map((subject) => bus.jsm.streams.getMessage(stream, { last_by_subj: subject })),
    );
    for (const message of last) if (message) held.set(message.subject, versionIn(message));
  }
  return events.filter(({ subject, data }) => (held.get(subject) ?? -1) < Versioned.parse(data).version);
}

/** A message that is not a snapshot counts as none. */
function versionIn(message: StoredMsg): number {
  try {
    return Versioned.parse(message.json()).version;
  } catch {
    return -1;
  }
}
