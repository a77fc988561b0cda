import type { z } from 'zod';

/**
 * Who may ask: `anybody`; who is `signed-in`, by cookie or token; `Stripe`, by its signature; or only what runs `inside` the platform,
 * because the gateway leads nobody else there.
 */
export type Asker = 'anybody' | 'signed-in' | 'Stripe' | 'inside';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** A header of a request or an answer, with its meaning. */
export type Headers = Readonly<Record<string, string>>;

/** For routes that make something: see `IdempotencyKeys`. */
export const idempotencyKey: Headers = {
  'Idempotency-Key':
    'A name for this request, 1 to 255 visible characters: sent again with the same name and body within 24 h it gets the same answer, marked `Idempotency-Replayed: true`, and happens once',
};

export interface Answer {
  readonly says: string;
  readonly body?: z.ZodType;
  readonly headers?: Headers;
  /** Default `application/json`. */
  readonly mediaType?: string;
}

/** One route as callers see it. What every route of its kind has in common (no session, a bad body, …) is added when it is written out. */
export interface Route {
  readonly method: Method;
  /** As Express has it: `/api/tickets/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly asker: Asker;
  readonly query?: z.ZodObject;
  readonly headers?: Headers;
  /** `raw` is a body that is not parsed before its signature is checked. */
  readonly body?: z.ZodType | 'raw';
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of problems that this route alone has, by status. */
  readonly problems?: Readonly<Record<number, readonly string[]>>;
}

export interface ServiceApi {
  readonly name: string;
  readonly summary: string;
  /** Schemas that have a name of their own in the document. */
  readonly bodies: Readonly<Record<string, z.ZodType>>;
  readonly answers: Readonly<Record<string, z.ZodType>>;
  readonly routes: readonly Route[];
}

/** All problems of a route by status: its own, and those of its kind. */
export function problemsOf(route: Route): Map<number, string[]> {
  const found = new Map<number, string[]>();
  const add = (status: number, ...codes: string[]) => {
    found.set(status, [...new Set([...(found.get(status) ?? []), ...codes])]);
  };
  const changes = route.method !== 'get';
  if (route.query || route.body instanceof Object) add(400, 'invalid-request');
  if (route.body instanceof Object) {
    add(400, 'invalid-json', 'invalid-encoding', 'incomplete');
    add(413, 'too-large');
    add(415, 'unsupported-media-type');
  }
  if (route.asker === 'signed-in') {
    add(401, 'not-signed-in');
    add(503, 'identity-unavailable');
    if (changes) {
      add(403, 'cross-origin');
      add(429, 'too-many-requests');
    }
  }
  if (route.headers === idempotencyKey) {
    add(409, 'idempotency-key-in-use');
    add(422, 'idempotency-key-reused');
  }
  if (route.path.includes(':')) add(404, 'not-found');
  for (const [status, codes] of Object.entries(route.problems ?? {})) add(Number(status), ...codes);
  if (route.path.startsWith('/api/')) {
    add(500, 'internal');
    add(503, 'unavailable');
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}
