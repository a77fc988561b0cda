import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { bytesOf, type Message, messageIn, messages, numberOf } from './protobuf.ts';

const Value = z
  .looseObject({
    stringValue: z.string().optional(),
    intValue: z.coerce.number().optional(),
    boolValue: z.boolean().optional(),
  })
  .transform((it) => it.stringValue ?? it.intValue ?? it.boolValue);
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));
const OtlpSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: Attributes,
  status: z.object({ code: z.number().optional() }).default({}),
});
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(OtlpSpan) })),
    }),
  ),
});

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** A span as it arrived at a receiver. */
export interface ReceivedSpan extends Omit<z.output<typeof OtlpSpan>, 'kind' | 'status'> {
  readonly service: string;
  readonly kind: (typeof kinds)[number];
  readonly isFailed: boolean;
}

/** A receiver of OTLP/HTTP, in JSON or protobuf, that remembers all spans. */
export interface SpanReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Bodies that were not understood. */
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

export async function receiveSpans(): Promise<SpanReceiver> {
  const spans: ReceivedSpan[] = [];
  const refused: string[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const plain = req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const isJson = req.headers['content-type']?.startsWith('application/json');
    try {
      spans.push(...(isJson ? spansInJson(JSON.parse(plain.toString())) : spansInProtobuf(plain)));
      res.setHeader('Content-Type', req.headers['content-type'] ?? '').end(isJson ? '{}' : '');
    } catch (error) {
      refused.push(`${req.headers['content-type']}: ${error}`);
      res.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    refused,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function spansInJson(body: unknown): ReceivedSpan[] {
  return Export.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ kind, status, ...span }) => ({
        ...span,
        service: String(resource.attributes['service.name']),
        kind: kinds[kind] ?? 'unspecified',
        isFailed: status.code === 2,
      })),
    ),
  );
}

/** The numbers are those of the fields in opentelemetry/proto/trace/v1/trace.proto. */
function spansInProtobuf(body: Buffer): ReceivedSpan[] {
  return messages(messageIn(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = String((resource && attributesIn(resource, 1))?.['service.name']);
    const spans = messages(resourceSpans, 2).flatMap((scopeSpans) => messages(scopeSpans, 2));
    return spans.map((span) => {
      const parentSpanId = bytesOf(span, 4).toString('hex');
      return {
        traceId: bytesOf(span, 1).toString('hex'),
        spanId: bytesOf(span, 2).toString('hex'),
        ...(parentSpanId ? { parentSpanId } : {}),
        name: bytesOf(span, 5).toString(),
        kind: kinds[numberOf(span, 6)] ?? 'unspecified',
        attributes: attributesIn(span, 9),
        isFailed: messages(span, 15).some((status) => numberOf(status, 3) === 2),
        service,
      };
    });
  });
}

function attributesIn(message: Message, field: number): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value = messageIn(Buffer.alloc(0))] = messages(pair, 2);
      const text = value.has(1) ? bytesOf(value, 1).toString() : undefined;
      return [bytesOf(pair, 1).toString(), text ?? (value.has(2) ? numberOf(value, 2) === 1 : numberOf(value, 3))];
    }),
  );
}
