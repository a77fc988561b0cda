import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C trace context (level 1): who caused what, across requests and events. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
}

const current = new AsyncLocalStorage<Trace>();
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** All zeros is how the standard writes "none". */
const isZero = (id: string) => /^0+$/.test(id);

/** The trace this code runs in, or undefined outside of any. */
export const currentTrace = (): Trace | undefined => current.getStore();

/** The header that hands the current trace on; empty outside of any. */
export function currentTraceparent(): string {
  const trace = current.getStore();
  return trace ? `00-${trace.traceId}-${trace.spanId}-${trace.flags}` : '';
}

/** Runs `task` as a new span of the trace that `traceparent` names, or of a new trace when it names none. */
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
