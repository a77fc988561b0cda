import { z } from 'zod';
import type { AttributeValue, Span } from '../api/traces.ts';
import { redactFields } from '../redact.ts';

/** A span as it was received. */
export interface Received extends Span {
  readonly traceId: string;
}

const Value = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
  arrayValue: z.object({ values: z.array(z.unknown()).optional() }).optional(),
});
type Value = z.infer<typeof Value>;
const Attributes = z.array(z.object({ key: z.string(), value: Value.optional() })).default([]);
const nanos = z.union([z.string(), z.number()]);

const WireSpan = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/i),
  spanId: z.string().regex(/^[0-9a-f]{16}$/i),
  parentSpanId: z.string().optional(),
  name: z.string().default(''),
  kind: z.number().default(1),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: Attributes,
  events: z
    .array(z.object({ name: z.string().default(''), timeUnixNano: nanos.default(0), attributes: Attributes }))
    .default([]),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().optional() }).default({ code: 0 }),
});

/** The body of `POST /v1/traces`: OTLP's JSON, as far as it is shown. */
export const ExportRequest = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes: Attributes }).default({ attributes: [] }),
        scopeSpans: z.array(z.object({ spans: z.array(WireSpan).default([]) })).default([]),
      }),
    )
    .default([]),
});
export type ExportRequest = z.input<typeof ExportRequest>;

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statuses = ['unset', 'ok', 'error'] as const;
const longestText = 2_000;

/** The spans in a request. @throws ZodError */
export function spansIn(request: unknown): Received[] {
  return ExportRequest.parse(request).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = attributesOf(resource.attributes)['service.name'] ?? 'unknown';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, `${service}`)));
  });
}

function received(span: z.output<typeof WireSpan>, service: string): Received {
  const at = inMs(span.startTimeUnixNano);
  const { parentSpanId, status } = span;
  return {
    traceId: span.traceId.toLowerCase(),
    spanId: span.spanId.toLowerCase(),
    ...(parentSpanId ? { parentId: parentSpanId.toLowerCase() } : {}),
    name: span.name.slice(0, longestText),
    service,
    kind: kinds[span.kind] ?? 'internal',
    at,
    durationMs: Math.max(rounded(inMs(span.endTimeUnixNano) - at), 0),
    status: statuses[status.code] ?? 'unset',
    ...(status.message ? { statusMessage: status.message.slice(0, longestText) } : {}),
    attributes: attributesOf(span.attributes),
    events: span.events.map((it) => ({
      name: it.name,
      at: inMs(it.timeUnixNano),
      attributes: attributesOf(it.attributes),
    })),
    links: span.links,
  };
}

/** To the microsecond. */
const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

function inMs(time: string | number): number {
  const text = `${time}`;
  // A number of nanoseconds is larger than what a double holds exactly.
  return /^\d+$/.test(text) ? rounded(Number(BigInt(text) / 1_000n) / 1_000) : 0;
}

function attributesOf(attributes: z.output<typeof Attributes>): Record<string, AttributeValue> {
  const plain = Object.fromEntries(attributes.map(({ key, value }) => [key, value ? heldIn(value) : '']));
  return redactFields(plain) as Record<string, AttributeValue>;
}

function heldIn(value: Value): AttributeValue {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (stringValue !== undefined) return stringValue.slice(0, longestText);
  if (boolValue !== undefined) return boolValue;
  if (intValue !== undefined) return Number(intValue);
  if (doubleValue !== undefined) return doubleValue;
  const items = arrayValue?.values?.map((it) => heldIn(Value.parse(it))) ?? [];
  return items.map((it) => (typeof it === 'object' ? JSON.stringify(it) : it));
}
