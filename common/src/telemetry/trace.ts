import { randomBytes } from 'node:crypto';
import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

// Also in a process without telemetry, so that its logs and events still name the trace of what caused them.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The trace and span of the current task; undefined outside of any. */
export function currentTrace(): SpanContext | undefined {
  const current = trace.getSpanContext(context.active());
  return current && isSpanContextValid(current) ? current : undefined;
}

/** The W3C `traceparent` header for the current task; empty outside of any. */
export function currentTraceparent(): string {
  const current = currentTrace();
  return current ? traceparentOf(current) : '';
}

export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** What a `traceparent` header names; undefined if it is missing or invalid. */
export function traceOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = pattern.exec(traceparent ?? '') ?? [];
  const named = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(named) ? named : undefined;
}

/** The context in which a task continues the trace of a `traceparent`; an empty one if that names none. */
export function contextOf(traceparent: string | undefined): Context {
  const named = traceOf(traceparent);
  return named ? trace.setSpanContext(ROOT_CONTEXT, named) : ROOT_CONTEXT;
}

/** A new trace that nobody records, for correlation only. */
export const unrecorded = (): SpanContext => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
  traceFlags: TraceFlags.NONE,
});
