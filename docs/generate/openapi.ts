import { ProblemDetails } from '@box-office/common/contracts/problem';
import { z } from 'zod';
import { health, Live, Readiness } from './health.ts';
import { type Answer, type Asker, problemsOf, type Route, type ServiceApi } from './route.ts';
import { type Json, jsonSchema, namedSchemas } from './schema.ts';

const folder = '#/components/schemas';
const statusesWithRetry = [429, 503];
const codesWithRetry = ['busy', 'idempotency-key-in-use'];

/** What one service answers, as an OpenAPI 3.1 document. */
export function openapi(api: ServiceApi, version: string): Json {
  const named: Names = new Map(
    Object.entries({ ...api.bodies, ...api.answers, Live, Readiness }).map(([name, schema]) => [schema, name]),
  );
  const paths: Record<string, Json> = {};
  for (const route of [...api.routes, ...health]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, api.name, named) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `Box Office: ${api.name}`,
      version,
      summary: api.summary,
      description:
        'Money is a whole number in the smallest unit of its currency. Errors are problem details (RFC 9457) whose `code` is stable. ' +
        'Every answer carries `X-Request-Id`, which stands in the log.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The gateway' }],
    tags: [
      { name: api.name },
      { name: 'inside', description: 'Asked within the platform; the gateway leads nobody here' },
    ],
    paths,
    components: {
      schemas: {
        ...namedSchemas(api.bodies, 'input', folder),
        ...namedSchemas({ ...api.answers, Live, Readiness }, 'output', folder),
        ProblemDetails: jsonSchema(ProblemDetails, 'output'),
      },
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
  };
}

type Names = ReadonlyMap<z.ZodType, string>;

function operation(route: Route, service: string, names: Names): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    tags: [route.asker === 'inside' ? 'inside' : service],
    operationId: operationId(route),
    summary: route.summary,
    security: securityOf[route.asker],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: requestBody(route.body, names) } : {}),
    responses: Object.fromEntries([
      ...Object.entries(route.answers).map(([status, answer]) => [status, response(answer, names)]),
      ...[...problemsOf(route)].map(([status, codes]) => [String(status), problemResponse(status, codes)]),
    ]),
  };
}

const securityOf: Readonly<Record<Asker, Json[]>> = {
  anybody: [],
  'signed-in': [{ session: [] }, { token: [] }],
  Stripe: [],
  inside: [],
};

/** `get-api-tickets-id`: what it does and to what, unique because a route is. */
const operationId = ({ method, path }: Route): string =>
  [method, ...path.split(/[^\w]+/).filter((word) => word)].join('-');

const pathParameters = ({ path }: Route): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{24}$' },
  }));

function queryParameters({ query }: Route): Json[] {
  if (!query) return [];
  return Object.entries(query.shape).map(([name, field]) => {
    const { description, ...schema } = jsonSchema(asField(field), 'input');
    return { name, in: 'query', required: false, description, schema };
  });
}

const asField = (field: unknown): z.ZodType => z.instanceof(z.ZodType).parse(field);

const headerParameters = ({ headers = {} }: Route): Json[] =>
  Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: name === 'Stripe-Signature',
    description,
    schema: { type: 'string' },
  }));

function requestBody(body: z.ZodType | 'raw', names: Names): Json {
  const schema = body === 'raw' ? {} : reference(body, names, 'input');
  return { required: true, content: { 'application/json': { schema } } };
}

function response({ says, body, headers, mediaType = 'application/json' }: Answer, names: Names): Json {
  return {
    description: says,
    ...(headers ? { headers: headerObjects(headers) } : {}),
    ...(body ? { content: { [mediaType]: { schema: reference(body, names, 'output') } } } : {}),
  };
}

function problemResponse(status: number, codes: readonly string[]): Json {
  const isForNow = statusesWithRetry.includes(status) || codes.some((code) => codesWithRetry.includes(code));
  const retry = isForNow ? { 'Retry-After': 'In how many seconds to try again' } : undefined;
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(retry ? { headers: headerObjects(retry) } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: `${folder}/ProblemDetails` },
            { properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
      },
    },
  };
}

const headerObjects = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

function reference(schema: z.ZodType, names: Names, io: 'input' | 'output'): Json {
  const name = names.get(schema);
  if (name) return { $ref: `${folder}/${name}` };
  if (schema instanceof z.ZodArray) return { type: 'array', items: reference(asField(schema.element), names, io) };
  return jsonSchema(schema, io);
}
