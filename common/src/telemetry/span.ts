import {
  type AttributeValue,
  context,
  createContextKey,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { contextOf, currentTrace, traceOf, unrecorded } from './trace.ts';
import type { AttributeName, JobName } from './vocabulary.ts';

export type { Span };
export { SpanKind };

/** What a span says: see docs/telemetry.md. */
export type Attributes = Readonly<Partial<Record<AttributeName, AttributeValue>>>;

/** What a process does by itself or for others, with everything it asks of others meanwhile. */
interface Task {
  readonly span: Span;
  orderId?: string;
}

const taskKey = createContextKey('box-office task');
const orderAttribute = 'box_office.order.id' satisfies AttributeName;

const currentTask = () => context.active().getValue(taskKey) as Task | undefined;

/** The name of our tracer: spans of others are not recorded, see `startSdk`. */
export const tracerName = 'box-office';

const tracer = () => trace.getTracer(tracerName);

/** The order that the current task is about, if that is known. */
export const currentOrder = (): string | undefined => currentTask()?.orderId;

/**
 * Notes which order the current task is about: its span, those that follow within it, and its log lines get the id. The
 * first one counts. Does nothing outside of a task.
 */
export function aboutOrder(orderId: string | null | undefined): void {
  const task = currentTask();
  if (!task || !orderId || task.orderId) return;
  task.orderId = orderId;
  task.span.setAttribute(orderAttribute, orderId);
}

export interface TaskOptions extends Omit<SpanOptions, 'root' | 'startTime' | 'attributes'> {
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
  /** The `traceparent` that the task continues. Without a valid one it begins a trace. */
  readonly traceparent: string | undefined;
}

/**
 * Runs what a process was asked to do (a request, a message, a job) as a span of its own. The callback ends the span,
 * which may be later than its own end. Without telemetry there is a trace all the same, which nobody records.
 */
export function inTask<Result>(
  name: string,
  { traceparent, ...options }: TaskOptions,
  run: (span: Span) => Result,
): Result {
  const parent = contextOf(traceparent);
  const started = tracer().startSpan(name, options, parent);
  const span = isSpanContextValid(started.spanContext()) ? started : trace.wrapSpanContext(unrecorded());
  const within = trace.setSpan(parent, span).setValue(taskKey, { span } satisfies Task);
  return context.with(within, () => run(span));
}

/**
 * Continues a trace that began elsewhere, in a span of its own, linked to what brings it up now: a webhook, or a sweep.
 * Within that trace already, or without one, it just runs.
 */
export async function inTrace<Result>(
  name: JobName,
  traceparent: string | null | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  const [named, current] = [traceOf(traceparent ?? undefined), currentTrace()];
  if (!traceparent || !named || named.traceId === current?.traceId) return run();
  const links = current ? [{ context: current }] : [];
  return inTask(name, { kind: SpanKind.INTERNAL, traceparent, links }, async (span) => {
    try {
      return await run();
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/**
 * A span for something that is asked of another process, below the current one. Undefined if nobody records it, which
 * includes everything outside of a task: what a process looks up every few seconds would only hide the rest.
 */
export function startCall(name: string, kind: SpanKind, attributes: Attributes): Span | undefined {
  const within = context.active();
  if (!isRecorded(trace.getSpanContext(within))) return undefined;
  const orderId = currentOrder();
  const all = orderId ? { ...attributes, [orderAttribute]: orderId } : attributes;
  return recording(tracer().startSpan(name, { kind, attributes: all }, within));
}

/** Not `isRecording()`, which a span is no more once it has ended; what it has begun may go on. */
const isRecorded = (it: SpanContext | undefined): boolean => ((it?.traceFlags ?? 0) & TraceFlags.SAMPLED) !== 0;

const recording = (span: Span): Span | undefined => (span.isRecording() ? span : undefined);

/** A span for sending something that was caused earlier, below its cause. Undefined if nobody records that. */
export function startSend(name: string, traceparent: string, attributes: Attributes): Span | undefined {
  if (!isRecorded(traceOf(traceparent))) return undefined;
  return recording(tracer().startSpan(name, { kind: SpanKind.PRODUCER, attributes }, contextOf(traceparent)));
}

/** Marks a span as failed. Only the error's type is kept, because messages may quote what people have entered. */
export function failed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', error instanceof Error ? error.name : String(error));
}

/** Runs the callback with the span of the current task, whatever runs it later: a timer, or an event of a socket. */
export const bound = <Callback extends () => void>(callback: Callback): Callback =>
  context.bind(context.active(), callback);

/** Runs a callback in a task that was the current one earlier. */
export type Within = <Result>(run: () => Result) => Result;

/** For what is done for the current task by code that the task does not call itself. */
export function currentWithin(): Within {
  const current = context.active();
  return (run) => context.with(current, run);
}

const reportedKey = createContextKey('box-office reported span');

/** The ids of the span that is being reported, if one is. */
export const reportedIds = (): SpanContext | undefined =>
  context.active().getValue(reportedKey) as SpanContext | undefined;

/** A span that happened where nothing can be sent from, such as a browser, and has its ids already. */
export interface ReportedSpan {
  readonly name: string;
  /** Names the span itself. */
  readonly traceparent: string;
  /** Names the span above it; undefined if it is the first of its trace. */
  readonly parent: string | undefined;
  readonly endedAt: Date;
  readonly tookMs: number;
  readonly isFailed: boolean;
}

/** Records a span that somebody else has made. Does nothing if a `traceparent` is invalid. */
export function reportSpan({ name, traceparent, parent, endedAt, tookMs, isFailed }: ReportedSpan): void {
  const own = traceOf(traceparent);
  if (!own || !isRecorded(own)) return;
  const startTime = new Date(endedAt.getTime() - tookMs);
  context.with(context.active().setValue(reportedKey, own), () => {
    const span = tracer().startSpan(name, { kind: SpanKind.INTERNAL, startTime }, contextOf(parent));
    if (isFailed) failed(span, 'refused');
    span.end(endedAt);
  });
}
