import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C trace context (level 1), which connects requests and events to their cause. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
}

const current = new AsyncLocalStorage<Trace>();
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** In the standard, all zeros means "none". */
const isZero = (id: string) => /^0+$/.test(id);

/** The current trace, or undefined outside of any. */
export const currentTrace = (): Trace | undefined => current.getStore();

/** The `traceparent` header for the current trace; empty outside of any. */
export function currentTraceparent(): string {
  const trace = current.getStore();
  return trace ? `00-${trace.traceId}-${trace.spanId}-${trace.flags}` : '';
}

/** Runs `task` in a new span of the trace in `traceparent`, or of a new trace if it contains none. */
export function withTraceparent<Result>(traceparent: string | undefined, task: () => Result): Result {
  const [, traceId, parentId, flags] = pattern.exec(traceparent ?? '') ?? [];
  const known = traceId !== undefined && !isZero(traceId) && parentId !== undefined && !isZero(parentId);
  return current.run(
    {
      traceId: known ? traceId : randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      flags: known && flags !== undefined ? flags : '01',
    },
    task,
  );
}
