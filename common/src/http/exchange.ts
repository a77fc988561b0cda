import type { CookieOptions } from 'express';

/** A request header that a route reads. `read` throws Problem 400 when the header is malformed. */
export interface HeaderReader<Value> {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly read: (value: string | undefined) => Value;
}

/** A cookie to set, or to clear if the value is null. */
export interface Cookie {
  readonly name: string;
  readonly value: string | null;
  readonly options: CookieOptions;
}

/** The answer of any route; handlers return the stricter `AnswerOf`. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly Cookie[];
  readonly next?: string | undefined;
  readonly body?: unknown;
  /** The body, if it is already serialized as JSON. */
  readonly json?: string;
  /** The body as comma-separated values (RFC 4180) instead. */
  readonly csv?: string;
}
