import { z } from 'zod';
import { apis, gateway } from './apis.ts';
import { currentVersion } from './documents.ts';
import { openapi } from './openapi.ts';
import type { Json } from './schema.ts';

const Content = z.record(
  z.string().regex(/^\w+\/[\w+.-]+$/),
  z.strictObject({ schema: z.record(z.string(), z.unknown()) }),
);
const Schema = z.record(z.string(), z.unknown());

const Operation = z.strictObject({
  tags: z.array(z.string()).min(1),
  operationId: z.string().regex(/^[\w-]+$/),
  summary: z.string().min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z
        .strictObject({
          name: z.string().min(1),
          in: z.enum(['path', 'query', 'header']),
          required: z.boolean().default(false),
          description: z.string().optional(),
          schema: Schema,
        })
        .refine((parameter) => parameter.in !== 'path' || parameter.required, 'what is in a path is required'),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({
      description: z.string().min(1),
      headers: z.record(z.string(), z.strictObject({ description: z.string(), schema: Schema })).optional(),
      content: Content.optional(),
    }),
  ),
});

/** What OpenAPI 3.1 asks of a document, as far as we use it; anything that we do not use is refused. */
const OpenApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: z.string().min(1),
    version: z.string().min(1),
    summary: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string(), description: z.string() })),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string().optional() })),
  paths: z.record(
    z.string().regex(/^\//),
    z.partialRecord(z.enum(['get', 'post', 'put', 'delete']), Operation).refine((path) => Object.keys(path).length > 0),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), Schema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.enum(['apiKey', 'http']) })),
  }),
});

const version = await currentVersion();

describe.each(apis.map((api) => ({ name: api.name, document: openapi(api, gateway, version) })))(
  '$name',
  ({ document }) => {
    const { paths, components, tags } = OpenApi.parse(document);
    const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
      Object.values(byMethod).map((operation) => ({ path, operation: Operation.parse(operation) })),
    );

    it('refers only to what is there', () => {
      const missing = references(document).filter((pointer) => !at(document, pointer));
      expect(missing).toEqual([]);
    });

    it('holds no schema that nothing refers to', () => {
      const used = references(document).map((pointer) => pointer.split('/').at(-1));
      const declared = Object.keys(components.schemas);
      expect(declared.filter((name) => !used.includes(name) && name !== 'ProblemDetails')).toEqual([]);
    });

    it('gives every operation a name of its own', () => {
      const ids = operations.map(({ operation }) => operation.operationId);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('declares exactly what stands in each path, once', () => {
      for (const { path, operation } of operations) {
        const parameters = operation.parameters ?? [];
        const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        const places = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
        expect(new Set(places).size).toBe(places.length);
      }
    });

    it('names only tags and ways to sign in that are declared', () => {
      const declared = tags.map(({ name }) => name);
      for (const { operation } of operations) {
        expect(declared).toEqual(expect.arrayContaining(operation.tags));
        expect(Object.keys(components.securitySchemes)).toEqual(
          expect.arrayContaining(operation.security.flatMap((way) => Object.keys(way))),
        );
      }
    });
  },
);

describe('what only the platform itself asks', () => {
  it('is documented for nobody else', () => {
    const documented = apis.flatMap((api) => Object.keys(OpenApi.parse(openapi(api, gateway, version)).paths));
    expect(documented.filter((path) => !path.startsWith('/api/'))).toEqual([]);
    expect(documented).toContain('/api/auth/signout');
  });
});

describe('a change of a ticket', () => {
  const tickets = openapi(
    z.custom<(typeof apis)[number]>().parse(apis.find(({ name }) => name === 'tickets')),
    gateway,
    version,
  );
  const { put } = z.object({ put: Operation }).parse(at(tickets, '#/paths/~1api~1tickets~1{id}'));

  it('says who may make it, and how it can go wrong', () => {
    expect(put.security).toEqual([{ session: [] }, { token: [] }]);
    expect(Object.keys(put.responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '408',
      '409',
      '412',
      '413',
      '415',
      '429',
      '500',
      '503',
    ]);
    expect(put.responses['409']?.description).toBe('`ticket-reserved`, `ticket-withdrawn`, `busy`');
  });

  it('may name the version it starts from, and is told the one it made', () => {
    expect(put.parameters?.map(({ name }) => name)).toEqual(['id', 'If-Match']);
    expect(put.responses['200']?.headers).toHaveProperty('ETag');
  });
});

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : references(inner)));
}

/** What a JSON pointer leads to, RFC 6901. */
function at(document: Json, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce((inside: unknown, key) => z.looseObject({}).safeParse(inside).data?.[key], document);
}
