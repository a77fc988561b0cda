/**
 * `GET /api/dead-letters?service&type&q` → `Page<DeadLetter>`. `POST /api/dead-letters/:number/retry` and `…/discard`
 * answer 204, or 404 when it is gone.
 */
export interface DeadLetter {
  /** Never reused: a letter that fails again after a retry has another. */
  readonly number: number;
  /** The listener that could not handle it. */
  readonly service: string;
  /** Where the message was. */
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly type: string;
  readonly reason: string;
  readonly stack: string;
  readonly deliveries: number;
  readonly retries: number;
  readonly at: string;
  readonly traceId?: string;
  readonly orderId?: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Parsed where it is JSON, otherwise text. Missing when it was too large to be kept. */
  readonly data?: unknown;
}
