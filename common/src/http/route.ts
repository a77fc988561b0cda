import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import type { ProblemCode } from '../contracts/problem.ts';
import type { SignedInUser } from '../signed-in-user.ts';
import type { Answer, Cookie, HeaderReader } from './exchange.ts';
import type { Attempt, IdempotencyKeys } from './idempotency.ts';

/**
 * Who may call: `anyone`; users who are `signedIn`, by cookie or token; callers with a valid `signature`, which the
 * handler checks; or only processes `inside` the platform, because the gateway does not forward to it.
 */
export type Who = 'anyone' | 'signedIn' | 'signature' | 'inside';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A body that reaches the handler byte for byte, because a signature covers it. */
export interface RawBody {
  readonly rawBytes: number;
}

/** The unparsed body, of any media type and at most `limit` bytes. */
export const rawBody = (limit: number): RawBody => ({ rawBytes: limit });

/** A successful answer, as documented. */
export interface AnswerDeclaration {
  readonly description: string;
  readonly body?: z.ZodType;
  /** Whether the handler may answer with CSV instead, or always does if there is no `body`. */
  readonly csv?: true;
  /** Response headers by name, with their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Answers = Readonly<Record<number, AnswerDeclaration>>;
type Readers = Readonly<Record<string, HeaderReader<unknown>>>;
type Body = z.ZodType | RawBody | undefined;

type ParamName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamName<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What a handler receives, all of it parsed. */
export interface HandlerInput<Path extends string, W extends Who, Q, B, H> {
  /** The caller; null unless the route declares `who: 'signedIn'`. */
  readonly user: W extends 'signedIn' ? SignedInUser : null;
  /** The ids in the path. A request with an invalid one has already been answered 404. */
  readonly params: Readonly<Record<ParamName<Path>, string>>;
  readonly query: Q extends z.ZodType ? z.output<Q> : undefined;
  readonly body: B extends z.ZodType ? z.output<B> : B extends RawBody ? Buffer : undefined;
  readonly headers: { readonly [Name in keyof H]: H[Name] extends HeaderReader<infer Value> ? Value : never };
  /** The id under which the request is logged. */
  readonly requestId: string;
  /** For what a declaration cannot express: cookies, the caller's origin. */
  readonly req: Request;
}

/** What a handler may return, given the declared answers. `next` is the cursor of the next page. */
export type AnswerOf<A extends Answers> = {
  [Status in keyof A & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Partial<Record<keyof A[Status]['headers'] & string, string>>>;
    readonly cookies?: readonly Cookie[];
    readonly next?: string | undefined;
  } & (
    | (A[Status] extends { readonly body: infer B extends z.ZodType }
        ? { readonly body: z.output<B> }
        : { readonly body?: undefined })
    | (A[Status] extends { readonly csv: true } ? { readonly csv: string } : never)
  );
}[keyof A & number];

/** Does the work of a request once, however often it is sent with the same `Idempotency-Key`: see `IdempotencyKeys`. */
export type Once<Result> = (work: (attempt: Attempt) => Promise<Result>) => Promise<Result>;

export interface Declaration<
  Path extends string,
  W extends Who,
  Q extends z.ZodObject | undefined,
  B extends Body,
  H extends Readers,
  A extends Answers,
> {
  readonly who: W;
  /** What the route does, in a few words. */
  readonly summary: string;
  readonly query?: Q;
  readonly body?: B;
  readonly headers?: H;
  /** If present, the route reads `Idempotency-Key`, and its handler may call `once`. */
  readonly keys?: IdempotencyKeys;
  /** Rate limits, applied after the body has been read and before it is parsed. */
  readonly limits?: readonly RequestHandler[];
  readonly answers: A;
  /**
   * The refusals specific to this route. Those that follow from the declaration (no session, an invalid body, …) are
   * documented automatically.
   */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (
    input: HandlerInput<Path, W, Q, B, H> & { readonly once: Once<AnswerOf<A>> },
  ) => Promise<AnswerOf<NoInfer<A>>>;
}

/** A route as data, from which the Express handler, the OpenAPI document and tests are derived. */
export interface Route {
  readonly method: Method;
  /** In Express's notation: `/api/tickets/:id`. */
  readonly path: string;
  readonly who: Who;
  readonly summary: string;
  readonly query: z.ZodObject | undefined;
  readonly body: Body;
  readonly headers: Readers;
  readonly keys: IdempotencyKeys | undefined;
  readonly limits: readonly RequestHandler[];
  readonly answers: Answers;
  readonly problems: readonly ProblemCode[];
  readonly handle: (input: AnyHandlerInput) => Promise<Answer>;
}

/** `HandlerInput` of any route. */
export interface AnyHandlerInput {
  readonly user: SignedInUser | null;
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly once: Once<Answer>;
  readonly requestId: string;
  readonly req: Request;
}

/**
 * Declares a route: its method and path, its input, its answers and its handler. The handler receives parsed input and
 * returns one of the declared answers, or refuses by throwing a `Problem`. Every `:name` in the path is an id.
 */
export function route<
  M extends Method,
  const Path extends string,
  W extends Who,
  Q extends z.ZodObject | undefined = undefined,
  B extends Body = undefined,
  const H extends Readers = Readonly<Record<never, never>>,
  const A extends Answers = Answers,
>(methodAndPath: `${M} ${Path}`, declaration: Declaration<Path, W, Q, B, H, A>): Route {
  const [method, path] = methodAndPath.split(' ', 2);
  const { who, summary, query, body, headers, keys, limits = [], answers, problems = [], handle } = declaration;
  return {
    // A parsing boundary: the template type guarantees what is before and after the space.
    method: method as Method,
    path: path ?? '',
    who,
    summary,
    query,
    body,
    headers: headers ?? {},
    keys,
    limits,
    answers,
    problems,
    // Also a parsing boundary: `serve` calls it only with input that these schemas have parsed.
    handle: handle as unknown as Route['handle'],
  };
}

export const isRaw = (body: Body): body is RawBody => body !== undefined && 'rawBytes' in body;

/** A service's API. */
export interface Api {
  readonly name: string;
  readonly summary: string;
  readonly routes: readonly Route[];
}
