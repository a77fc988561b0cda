import * as auth from '@box-office/common/contracts/auth';
import * as orders from '@box-office/common/contracts/orders';
import * as payments from '@box-office/common/contracts/payments';
import { ProblemDetails } from '@box-office/common/contracts/problem';
import * as shows from '@box-office/common/contracts/shows';
import * as tickets from '@box-office/common/contracts/tickets';
import { idempotencyKey } from '@box-office/common/http/idempotency';
import { type Api, isRaw, type Route, type Who } from '@box-office/common/http/route';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { forwards, type Gateway } from './gateway.ts';
import { problemsOf } from './problems.ts';
import { type Json, override } from './schema.ts';

/** What callers of the gateway can ask of one service, as an OpenAPI 3.1 document. */
export function openapi({ name, summary, routes }: Api, gateway: Gateway, version: string): Json {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes.filter((it) => forwards(gateway, name, it))) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, name) };
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: `Box Office: ${name}`,
        version,
        summary,
        description:
          'Money is a whole number in the smallest unit of its currency. Errors are problem details (RFC 9457) whose `code` is stable. ' +
          'Every answer carries `X-Request-Id`, which stands in the log.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The gateway' }],
      tags: [{ name }],
      paths,
      components: {
        schemas: { ProblemDetails, ...namedSchemas(routes) },
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'session',
            description:
              'What signing in leaves in a browser: `__Host-session` under https, and with the port behind the name (`session-8080`) where the shop ' +
              'is not on 443 or 80. Changes must come from our own pages.',
          },
          token: { type: 'http', scheme: 'bearer', description: 'From POST /api/auth/token' },
        },
      },
    },
    { override },
  );
  return { ...document };
}

function operation(route: Route, service: string): ZodOpenApiOperationObject {
  const path = Object.fromEntries(
    [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, z.string().regex(/^[0-9a-f]{24}$/)]),
  );
  const header = Object.fromEntries(
    [...Object.values(route.headers), ...(route.keys ? [idempotencyKey] : [])].map(
      ({ name, description, required }) => [name, meaning(required ? z.string() : z.string().optional(), description)],
    ),
  );
  return {
    tags: [service],
    operationId: operationId(route),
    summary: route.summary,
    security: securityOf[route.who],
    requestParams: {
      path: z.object(path),
      query: route.query ?? z.object({}),
      header: z.object(header),
    },
    ...(route.body ? { requestBody: requestBody(route.body) } : {}),
    responses: Object.fromEntries([
      ...Object.entries(route.answers).map(([status, answer]) => [status, response(answer)]),
      ...[...problemsOf(route)].map(([status, codes]) => [String(status), problemResponse(status, codes)]),
    ]),
  };
}

const securityOf: Readonly<Record<Who, Record<string, string[]>[]>> = {
  anyone: [],
  signedIn: [{ session: [] }, { token: [] }],
  signature: [],
  inside: [],
};

/** `get-api-tickets-id`: what it does and to what, unique because a route is. */
const operationId = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/[^\w]+/).filter((word) => word)].join('-');

/** A copy of a schema with a description, so that schemas which several declarations share keep their own. */
const meaning = <Schema extends z.ZodType>(schema: Schema, description: string): Schema => schema.describe(description);

const requestBody = (body: NonNullable<Route['body']>) => ({
  required: isRaw(body) || !body.safeParse(undefined).success,
  content: { 'application/json': { schema: isRaw(body) ? {} : body } },
});

function response({ description, body, csv, headers }: Route['answers'][number]) {
  const content = {
    ...(body ? { 'application/json': { schema: body } } : {}),
    ...(csv ? { 'text/csv': { schema: { type: 'string' as const } } } : {}),
  };
  return {
    description,
    ...(headers ? { headers: headerObjects(headers) } : {}),
    ...(body || csv ? { content } : {}),
  };
}

const codesWithRetry: readonly string[] = ['busy', 'idempotency-key-in-use'];

function problemResponse(status: number, codes: readonly string[]) {
  const isForNow = [429, 503].includes(status) || codes.some((code) => codesWithRetry.includes(code));
  const headers = {
    ...(isForNow ? { 'Retry-After': 'In how many seconds to try again' } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': 'How to sign in: `Bearer`' } : {}),
  };
  const said = { properties: { status: { const: status }, code: { enum: [...codes] } } };
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(Object.keys(headers).length > 0 ? { headers: headerObjects(headers) } : {}),
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/ProblemDetails' }, said] } },
    },
  };
}

const headerObjects = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  );

/**
 * The schemas of a service's bodies and answers that have a name in the contracts: each is written out once, and
 * referred to.
 */
function namedSchemas(routes: readonly Route[]): Record<string, z.ZodType> {
  const used = new Set(
    routes.flatMap(({ body, answers }) => [
      body,
      ...Object.values(answers).flatMap((it) => [it.body, elementOf(it.body)]),
    ]),
  );
  const named = Object.entries({ ...auth, ...tickets, ...shows, ...orders, ...payments });
  return Object.fromEntries(
    named.flatMap(([name, it]) => (it instanceof z.ZodType && used.has(it) ? [[name, it]] : [])),
  );
}

const elementOf = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodArray ? z.instanceof(z.ZodType).parse(schema.element) : undefined;
