import type { mongo } from 'mongoose';
import { z } from 'zod';
import { type EventContract, type Snapshot, subjectOf } from '../contracts/event.ts';

/** An event in an outbox, with everything that any process needs to publish it later. */
export const OutboxEvent = z.object({
  /** Unique for ever; rises with time among the events of one process. */
  id: z.string().min(1),
  type: z.string(),
  source: z.string(),
  subject: z.string().min(1),
  /** When it happened, ISO 8601. */
  time: z.string(),
  /** W3C trace context of the request or event that caused it; empty when there was none. */
  traceparent: z.string(),
  data: z.unknown(),
});
export type OutboxEvent = z.infer<typeof OutboxEvent>;

/** The outbox of one aggregate, oldest event first. */
export const Outbox = z.array(OutboxEvent);

/** What an event needs beyond its contract and snapshot. */
export interface EventOrigin {
  readonly id: string;
  readonly time: Date;
  readonly traceparent: string;
}

/** A snapshot breaks its event's contract: a bug in the announcing service, never the caller's fault. */
export class BrokenAnnouncement extends Error {
  constructor(type: string, cause: z.ZodError) {
    super(`the snapshot does not match ${type}: ${z.prettifyError(cause)}`, { cause });
    this.name = 'BrokenAnnouncement';
  }
}

/**
 * Makes the event that carries a snapshot. The snapshot is parsed by the contract first, so fields that are not in the
 * contract never leave the service.
 *
 * @throws BrokenAnnouncement when the snapshot breaks the contract
 */
export function envelope<Data extends Snapshot>(
  contract: EventContract<Data>,
  snapshot: unknown,
  origin: EventOrigin,
): OutboxEvent {
  const { data, error } = contract.data.safeParse(snapshot);
  if (error) throw new BrokenAnnouncement(contract.type, error);
  return {
    id: origin.id,
    type: contract.type,
    source: `/${contract.announcedBy}`,
    subject: subjectOf(contract, data.id),
    time: origin.time.toISOString(),
    traceparent: origin.traceparent,
    data,
  };
}

/** The publisher of what the store writes to its outboxes: all that the store needs of the relay. */
export interface Announcements {
  /**
   * Takes the outbox of one aggregate at that version, oldest event first, right after the write. Never waits, never
   * throws. Events beyond its capacity stay in the outbox and are found later. The version is null if there may be more
   * in the outbox than these events.
   *
   * @returns whether it has taken all of them, so that an event of the next write cannot overtake one of these
   */
  offer(collection: string, id: string, outbox: readonly OutboxEvent[], version: number | null): boolean;
  /**
   * Watches this collection for unpublished events from now on; `current` makes the events that announce the current
   * state of one of its documents.
   */
  watch(collection: string, current: (document: mongo.Document) => OutboxEvent[]): Promise<void>;
}
