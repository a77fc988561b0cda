import { z } from 'zod';

/** A JSON Schema of draft 2020-12, as far as we look into it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What somebody who sends this may write: defaults make a field optional. */
export const inputSchema = (schema: z.ZodType): JsonSchema => jsonSchema(schema, 'input');

/** What somebody who receives this can count on. Fields may be added later, so unknown ones are no fault. */
export const outputSchema = (schema: z.ZodType): JsonSchema => jsonSchema(schema, 'output');

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema: made }) {
      // Safe integers are what JavaScript can hold, not a rule of ours.
      if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
      if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
      // `format` says it already, and the pattern fills half a page.
      if (made.format !== undefined) delete made.pattern;
      if (io === 'output' && made.additionalProperties === false) delete made.additionalProperties;
    },
  });
  return JsonSchemaObject.parse(rest);
}

/** Plain JSON, without what zod keeps for itself. */
const JsonSchemaObject = z.looseObject({}).transform((made): JsonSchema => JSON.parse(JSON.stringify(made)));

/** The fields of an object schema, by name. */
export function fieldsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  return new Map(Object.entries(Fields.parse(schema).properties));
}

/** The names of the fields that an object schema does not let you leave out. */
export function requiredIn(schema: JsonSchema): readonly string[] {
  return Fields.parse(schema).required;
}

const Fields = z.object({
  properties: z.record(z.string(), z.looseObject({})).default({}),
  required: z.array(z.string()).default([]),
});

/** A schema apart from `null`, and whether `null` is allowed. zod writes a nullable schema as `anyOf: [schema, null]`. */
export function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const either = Either.safeParse(schema);
  if (!either.success) return { schema, nullable: false };
  const { anyOf, ...rest } = either.data;
  const [only, ...others] = anyOf.filter(({ type }) => type !== 'null');
  if (!only || others.length > 0 || anyOf.length === 1) return { schema, nullable: false };
  return { schema: { ...only, ...rest }, nullable: true };
}

const Either = z.looseObject({ anyOf: z.array(z.looseObject({ type: z.unknown() })) });
