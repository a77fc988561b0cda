/** One thing wrong with a body or query. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * An answer other than success that the caller can do something about: RFC 9457. Thrown anywhere, it becomes `application/problem+json`.
 * Everything else that is thrown is our mistake and answered 500 without detail.
 */
export class Problem extends Error {
  readonly status: number;
  /** Stable, kebab-case, for programs. */
  readonly code: string;
  /** A sentence, for people. */
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, detail?: string, extras: ProblemExtras = {}) {
    super(detail ?? code, { cause: extras.cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = extras.errors;
    this.retryAfterSeconds = extras.retryAfterSeconds;
  }
}

export function problem(status: number, code: string, detail?: string, extras?: ProblemExtras): Problem {
  return new Problem(status, code, detail, extras);
}

export const badRequest = (errors: readonly FieldError[]) =>
  problem(400, 'invalid-request', 'The request is not as it should be.', { errors });

export const unauthorized = () => problem(401, 'not-signed-in', 'Please sign in first.');

export const forbidden = (code: string, detail: string) => problem(403, code, detail);

export const notFound = (detail = 'There is nothing here.') => problem(404, 'not-found', detail);

export const conflict = (code: string, detail: string) => problem(409, code, detail);
