/** `GET /api/streams` → `{items: Stream[]}` */
export interface Stream {
  readonly name: string;
  readonly kind: 'log' | 'queue' | 'timers' | 'dead-letters' | 'retries';
  readonly subjects: readonly string[];
  readonly messages: number;
  readonly bytes: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastAt?: string;
  readonly consumers: readonly Consumer[];
}

export interface Consumer {
  /** The service that listens. */
  readonly name: string;
  /** Every message up to this sequence is handled. */
  readonly handledUpTo: number;
  /** Messages that were not delivered yet. */
  readonly waiting: number;
  /** Messages that were delivered and are not acknowledged. */
  readonly delivered: number;
  /** Of these, the messages that were delivered more than once. */
  readonly redelivered: number;
  /** The age of the oldest message that is not handled; missing when there is none. */
  readonly lagMs?: number;
  /** Whether a process asks for messages now. */
  readonly connected: boolean;
}
