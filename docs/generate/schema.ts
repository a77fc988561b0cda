import { z } from 'zod';

/** A piece of JSON Schema, or of a document that holds some. */
export type Json = { [key: string]: unknown };

/**
 * Whether a schema is read as what callers send (`input`: a default may be left out) or as what they are answered
 * (`output`: it is always there).
 */
export type Side = 'input' | 'output';

/** One schema, whole: nothing in it refers to anything outside it. */
export function jsonSchema(schema: z.ZodType, io: Side): Json {
  return plain(z.toJSONSchema(schema, { io, override }));
}

/** Several schemas under their names, each said once: where one holds another it refers to it. */
export function namedSchemas(named: Readonly<Record<string, z.ZodType>>, io: Side, folder: string): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, override, uri: (id) => `${folder}/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]));
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

/** What zod writes that would only be in the reader's way. */
export const override: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod;
  // More fields may come with a later release; only a strict object refuses what it does not know.
  if (def.type === 'object' && !('catchall' in def && def.catchall)) delete jsonSchema.additionalProperties;
  // A format says it already, in fewer words than the expression that checks it.
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

function plain(schema: object): Json {
  const { $schema: _, $id: __, id: ___, '~standard': ____, ...rest } = Object.fromEntries(Object.entries(schema));
  return rest;
}
