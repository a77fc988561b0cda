import type { DeadLetter } from './dead-letters.ts';

/** `GET /api/events?stream&type&id&order&q` → `Page<Event>`; `q` is looked for in subject, type and data. */
export interface Event {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly at: string;
  /** `ticket.created`, `timer set`; the subject where a message has no type. */
  readonly type: string;
  /** The id of the thing that it is about. */
  readonly id: string;
  /** The version of that thing. */
  readonly version?: number;
  readonly orderId?: string;
  readonly traceId?: string;
  /** When the timer rings, if one is set. */
  readonly dueAt?: string;
  readonly bytes: number;
}

/** `GET /api/events/:stream/:seq` */
export interface WholeEvent extends Event {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Parsed where it is JSON, otherwise text. Secrets are replaced by `•••`. */
  readonly data: unknown;
  /** Of the listeners that gave it up, unless they were retried or discarded. */
  readonly deadLetters: readonly Pick<DeadLetter, 'number' | 'service'>[];
}
