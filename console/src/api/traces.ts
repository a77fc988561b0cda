/** `GET /api/traces?q&service&order&minMs&errors` → `Page<TraceLine>` */
export interface TraceLine {
  readonly traceId: string;
  /** The name of its first span, with the path if that is the gateway's. */
  readonly root: string;
  readonly at: string;
  readonly durationMs: number;
  readonly spans: number;
  readonly services: readonly string[];
  readonly errors: number;
  readonly orderId?: string;
}

/** `GET /api/traces/:traceId` */
export interface Trace {
  readonly traceId: string;
  /** As in the list. */
  readonly root: string;
  /** In the order of their time. */
  readonly spans: readonly Span[];
}

export interface Span {
  readonly spanId: string;
  readonly parentId?: string;
  readonly name: string;
  readonly service: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
  readonly durationMs: number;
  readonly status: 'ok' | 'error' | 'unset';
  readonly statusMessage?: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly SpanEvent[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export type AttributeValue = string | number | boolean | readonly (string | number | boolean)[];

export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}
