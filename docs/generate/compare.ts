import type { Contracts } from './contracts.ts';
import type { Json } from './schema.ts';

/** A change that breaks users of the released contracts. */
export interface Break {
  /** Which event, answer, body or query. */
  readonly what: string;
  /** The field, as a dotted path; empty for the whole. */
  readonly field: string;
  readonly why: string;
}

/**
 * The breaking changes from `released` to `now`.
 *
 * What we produce may gain fields and allow fewer values, because existing readers must still understand it. What we
 * consume may require less and accept more, because existing requests must still be valid. Both are the same question:
 * does a reader understand everything that a writer may write?
 */
export function compare(released: Contracts, now: Contracts): Break[] {
  const produced = Object.entries(released.produced).flatMap(([what, before]) => {
    const after = now.produced[what];
    if (!after) return [{ what, field: '', why: 'is gone' }];
    return misread({ reader: before, writer: after, newer: 'writer' }, '').map((fault) => ({ what, ...fault }));
  });
  const consumed = Object.entries(now.consumed).flatMap(([what, after]) => {
    const before = released.consumed[what];
    if (!before) return [];
    return misread({ reader: after, writer: before, newer: 'reader' }, '').map((fault) => ({ what, ...fault }));
  });
  const gone = Object.keys(released.consumed)
    .filter((what) => !now.consumed[what])
    .map((what) => ({ what, field: '', why: 'is gone' }));
  return [...produced, ...consumed, ...gone];
}

interface Pair {
  readonly reader: Json;
  readonly writer: Json;
  /** Which of the two is today's; the other is the released one. */
  readonly newer: 'reader' | 'writer';
}

type Fault = Omit<Break, 'what'>;

/** The places where the reader would not understand what the writer may write. */
function misread({ reader, writer, newer }: Pair, field: string): Fault[] {
  const readers = alternatives(reader);
  return alternatives(writer).flatMap((written) => {
    const attempts = readers.map((read) => misreadOne({ reader: read, writer: written, newer }, field));
    if (attempts.some((faults) => faults.length === 0)) return [];
    // If none matches, the comparison with the schema of the same type explains it best.
    const alike = readers.findIndex((read) => read.type === written.type);
    const [faults] = attempts.slice(Math.max(alike, 0));
    return faults ?? [];
  });
}

/** A schema as the list of simple ones of which a value may follow any: `string or null` is two. */
function alternatives(schema: Json): Json[] {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.flatMap((one: Json) => alternatives(one));
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => ({ ...schema, type }));
  return [schema];
}

function misreadOne(pair: Pair, field: string): Fault[] {
  const { reader, writer } = pair;
  if (
    reader.type !== undefined &&
    reader.type !== writer.type &&
    !(reader.type === 'number' && writer.type === 'integer')
  ) {
    const [before, after] = pair.newer === 'writer' ? [reader, writer] : [writer, reader];
    return [{ field, why: `was ${before.type ?? 'anything'} and is ${after.type ?? 'anything'}` }];
  }
  return [...values(pair, field), ...limits(pair, field), ...fields(pair, field), ...elements(pair, field)];
}

/** An enumeration of values. */
function values({ reader, writer, newer }: Pair, field: string): Fault[] {
  const [readable, written] = [named(reader), named(writer)];
  if (!readable) return [];
  if (!written) return [{ field, why: `takes only ${readable.join(', ')}` }];
  const unknown = written.filter((value) => !readable.includes(value));
  if (unknown.length === 0) return [];
  const told = unknown.join(', ');
  return [{ field, why: newer === 'writer' ? `may be ${told} now` : `does not take ${told} any more` }];
}

function named({ enum: values, const: value }: Json): unknown[] | undefined {
  if (Array.isArray(values)) return values;
  return value === undefined ? undefined : [value];
}

const atLeast = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const atMost = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];
const exact = ['pattern', 'format', 'multipleOf'];

function limits({ reader, writer, newer }: Pair, field: string): Fault[] {
  const beyond = (name: string, isBeyond: (written: number, read: number) => boolean) => {
    const [read, written] = [reader[name], writer[name]];
    return typeof read === 'number' && (typeof written !== 'number' || isBeyond(written, read));
  };
  const differs = (name: string) => reader[name] !== undefined && reader[name] !== writer[name];
  const [before, after] = newer === 'writer' ? [reader, writer] : [writer, reader];
  return [
    ...atLeast.filter((name) => beyond(name, (written, read) => written < read)),
    ...atMost.filter((name) => beyond(name, (written, read) => written > read)),
    ...exact.filter(differs),
  ].map((name) => ({ field, why: `${name} was ${before[name] ?? 'open'} and is ${after[name] ?? 'open'}` }));
}

function fields(pair: Pair, field: string): Fault[] {
  const { reader, writer, newer } = pair;
  const [read, written] = [propertiesOf(reader), propertiesOf(writer)];
  const under = (name: string) => (field ? `${field}.${name}` : name);
  const missing = Object.keys(read).flatMap((name) => {
    if (written[name]) {
      if (!isRequired(reader, name) || isRequired(writer, name)) return [];
      return [{ field: under(name), why: newer === 'writer' ? 'may be missing now' : 'may not be missing any more' }];
    }
    // Even an optional field may have been used.
    if (newer === 'writer') return [{ field: under(name), why: 'is gone' }];
    return isRequired(reader, name) ? [{ field: under(name), why: 'is new and may not be missing' }] : [];
  });
  const unexpected = reader.additionalProperties === false ? Object.keys(written).filter((name) => !read[name]) : [];
  return [
    ...missing,
    ...unexpected.map((name) => ({
      field: under(name),
      why: newer === 'writer' ? 'is new where nothing new was to come' : 'is refused now',
    })),
    ...Object.entries(written).flatMap(([name, writer]) => {
      const reader = read[name];
      return reader ? misread({ reader, writer, newer }, under(name)) : [];
    }),
  ];
}

const propertiesOf = ({ properties }: Json): Record<string, Json> => ({ ...(properties ?? {}) });

const isRequired = ({ required }: Json, name: string): boolean => Array.isArray(required) && required.includes(name);

function elements({ reader, writer, newer }: Pair, field: string): Fault[] {
  if (!isSchema(reader.items)) return [];
  const items = isSchema(writer.items) ? writer.items : {};
  return misread({ reader: reader.items, writer: items, newer }, `${field}[]`);
}

const isSchema = (value: unknown): value is Json => typeof value === 'object' && value !== null;
