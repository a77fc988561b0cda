import type { ProblemCode, ProblemExtensions } from './contracts/problem.ts';

/** One fault in a body, a query or a header. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  /** What a program needs to offer something else. */
  readonly extensions?: ProblemExtensions;
  /** When the same request may succeed. If present, the refusal is temporary. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * A refusal that the caller can act on. Decisions throw it without knowing HTTP; `http/app` answers it as
 * `application/problem+json` (RFC 9457) with the status that `contracts/problem` assigns to its code. Any other thrown
 * error is a bug and is answered 500 without detail.
 */
export class Problem extends Error {
  /** Stable, kebab-case, for programs. */
  readonly code: ProblemCode;
  /** A sentence, for people. */
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly extensions: ProblemExtensions | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, detail?: string, extras: ProblemExtras = {}) {
    super(detail ?? code, { cause: extras.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.errors = extras.errors;
    this.extensions = extras.extensions;
    this.retryAfterSeconds = extras.retryAfterSeconds;
  }
}

export function problem(code: ProblemCode, detail?: string, extras?: ProblemExtras): Problem {
  return new Problem(code, detail, extras);
}

export const invalidRequest = (errors: readonly FieldError[]) =>
  problem('invalid-request', 'Invalid request.', { errors });

export const notSignedIn = () => problem('not-signed-in', 'Please sign in first.');

export const notFound = (detail = 'Not found.') => problem('not-found', detail);

/** `why` is a sentence. The answer also says how long to wait, in its detail and as `Retry-After`. */
export const tooManyRequests = (why: string, retryAfterSeconds: number) =>
  problem('too-many-requests', `${why} Try again in ${inWords(retryAfterSeconds)}.`, { retryAfterSeconds });

/** `40 seconds`, `1 minute`, `14 minutes`: rounded up, so that waiting that long is enough. */
function inWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [count, unit] = whole < 120 && whole !== 60 ? [whole, 'second'] : [Math.ceil(whole / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
