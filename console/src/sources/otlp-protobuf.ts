import { PbfReader } from 'pbf';
import type { ExportRequest } from './otlp.ts';

/**
 * OTLP's protobuf, as far as it is shown, in the shape of its JSON. The gateway sends nothing else. The numbers are
 * those of opentelemetry/proto/trace/v1/trace.proto.
 *
 * @throws when it is not protobuf
 */
export function fromProtobuf(bytes: Uint8Array): ExportRequest {
  const into: { resourceSpans: ResourceSpans[] } = { resourceSpans: [] };
  return new PbfReader(bytes).readFields((tag, it, pbf) => {
    if (tag === 1) it.resourceSpans.push(resourceSpans(pbf));
  }, into);
}

type ResourceSpans = NonNullable<ExportRequest['resourceSpans']>[number];
type ScopeSpans = NonNullable<ResourceSpans['scopeSpans']>[number];
type WireSpan = NonNullable<ScopeSpans['spans']>[number];
type Attribute = NonNullable<WireSpan['attributes']>[number];
type Value = NonNullable<Attribute['value']>;

/** Reads the fields of a message within another. Those that `read` does not take are skipped. */
const within = <Result>(
  pbf: PbfReader,
  read: (result: Result, tag: number, pbf: PbfReader) => void,
  result: Result,
): Result => pbf.readMessage((tag, it, from) => read(it, tag, from), result);

const resourceSpans = (from: PbfReader): ResourceSpans =>
  within(
    from,
    (it: { resource: { attributes: Attribute[] }; scopeSpans: ScopeSpans[] }, tag, pbf) => {
      if (tag === 1) it.resource.attributes.push(...attributesAt(pbf, 1));
      if (tag === 2) it.scopeSpans.push(scopeSpans(pbf));
    },
    { resource: { attributes: [] }, scopeSpans: [] },
  );

const scopeSpans = (from: PbfReader): ScopeSpans =>
  within(
    from,
    (it: { spans: WireSpan[] }, tag, pbf) => {
      if (tag === 2) it.spans.push(span(pbf));
    },
    { spans: [] },
  );

const hex = (pbf: PbfReader): string => Buffer.from(pbf.readBytes()).toString('hex');

/** A 64-bit number that does not fit into a double. */
function fixed64(pbf: PbfReader): string {
  const low = pbf.readFixed32();
  return `${(BigInt(pbf.readFixed32()) << 32n) + BigInt(low)}`;
}

const span = (from: PbfReader): WireSpan =>
  within(
    from,
    (it: ReadSpan, tag, pbf) => {
      if (tag === 1) it.traceId = hex(pbf);
      if (tag === 2) it.spanId = hex(pbf);
      if (tag === 4) it.parentSpanId = hex(pbf);
      if (tag === 5) it.name = pbf.readString();
      if (tag === 6) it.kind = pbf.readVarint();
      if (tag === 7) it.startTimeUnixNano = fixed64(pbf);
      if (tag === 8) it.endTimeUnixNano = fixed64(pbf);
      if (tag === 9) it.attributes.push(attribute(pbf));
      if (tag === 11) it.events.push(spanEvent(pbf));
      if (tag === 13) it.links.push(link(pbf));
      if (tag === 15) it.status = status(pbf);
    },
    {
      ...{ traceId: '', spanId: '', name: '', startTimeUnixNano: 0, endTimeUnixNano: 0 },
      ...{ attributes: [], events: [], links: [] },
    },
  );

interface ReadSpan extends WireSpan {
  attributes: Attribute[];
  events: NonNullable<WireSpan['events']>;
  links: NonNullable<WireSpan['links']>;
}

const spanEvent = (from: PbfReader) =>
  within(
    from,
    (it: { timeUnixNano: string; name: string; attributes: Attribute[] }, tag, pbf) => {
      if (tag === 1) it.timeUnixNano = fixed64(pbf);
      if (tag === 2) it.name = pbf.readString();
      if (tag === 3) it.attributes.push(attribute(pbf));
    },
    { timeUnixNano: '0', name: '', attributes: [] },
  );

const link = (from: PbfReader) =>
  within(
    from,
    (it: { traceId: string; spanId: string }, tag, pbf) => {
      if (tag === 1) it.traceId = hex(pbf);
      if (tag === 2) it.spanId = hex(pbf);
    },
    { traceId: '', spanId: '' },
  );

const status = (from: PbfReader) =>
  within(
    from,
    (it: { code: number; message?: string }, tag, pbf) => {
      if (tag === 2) it.message = pbf.readString();
      if (tag === 3) it.code = pbf.readVarint();
    },
    { code: 0 },
  );

/** The attributes in a message that has them in this field. */
const attributesAt = (from: PbfReader, field: number): Attribute[] =>
  within(
    from,
    (it: { found: Attribute[] }, tag, pbf) => {
      if (tag === field) it.found.push(attribute(pbf));
    },
    { found: [] },
  ).found;

const attribute = (from: PbfReader): Attribute =>
  within(
    from,
    (it: { key: string; value?: Value }, tag, pbf) => {
      if (tag === 1) it.key = pbf.readString();
      if (tag === 2) it.value = anyValue(pbf);
    },
    { key: '' },
  );

const anyValue = (from: PbfReader): Value =>
  within(
    from,
    (it: Value, tag, pbf) => {
      if (tag === 1) it.stringValue = pbf.readString();
      if (tag === 2) it.boolValue = pbf.readBoolean();
      if (tag === 3) it.intValue = pbf.readVarint(true);
      if (tag === 4) it.doubleValue = pbf.readDouble();
      if (tag === 5) it.arrayValue = { values: valuesIn(pbf) };
    },
    {},
  );

const valuesIn = (from: PbfReader): Value[] =>
  within(
    from,
    (it: { found: Value[] }, tag, pbf) => {
      if (tag === 1) it.found.push(anyValue(pbf));
    },
    { found: [] },
  ).found;
