import type { mongo } from 'mongoose';
import { z } from 'zod';
import { type EventContract, type Snapshot, subjectOf } from '../contracts/event.ts';

/** An event as it waits in an outbox: everything that is needed to publish it later, by whichever process finds it. */
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

/** What an event needs that its contract and snapshot do not say. */
export interface EventOrigin {
  readonly id: string;
  readonly time: Date;
  readonly traceparent: string;
}

/** A snapshot breaks the contract of the event that was to carry it: a mistake in the announcing service, and never the caller's. */
export class BrokenAnnouncement extends Error {
  constructor(type: string, cause: z.ZodError) {
    super(`the snapshot is no ${type}: ${z.prettifyError(cause)}`, { cause });
    this.name = 'BrokenAnnouncement';
  }
}

/**
 * Makes the event that carries a snapshot. The snapshot is parsed by its contract first: what a contract does not name never leaves the service.
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

/** Who publishes what the store has written to its outboxes. The store needs nothing else of it. */
export interface Announcements {
  /**
   * Takes over the outbox of one aggregate, oldest event first, as it is at that version, right after the write.
   * Never waits, never throws. What it cannot hold stays in the outbox, where it is found later.
   */
  offer(collection: string, id: string, outbox: readonly OutboxEvent[], version: number): void;
  /** Has this collection searched for leftovers from now on; `current` makes the events that announce one of its documents as it is now. */
  watch(collection: string, current: (document: mongo.Document) => OutboxEvent[]): Promise<void>;
}
