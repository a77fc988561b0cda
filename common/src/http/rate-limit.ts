import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { problem } from './problem.ts';

export interface Limit {
  readonly windowMs: number;
  /** How many requests of one key are let through within the window. */
  readonly limit: number;
  /** Whose requests are counted together. Default: one address (one /56 network for IPv6). */
  readonly keyOf?: (req: Request) => string;
  /** Count only requests that were answered 4xx or 5xx. */
  readonly failuresOnly?: boolean;
}

/** Answers 429 `too-many-requests` with `Retry-After` once the limit is reached. Each process counts for itself. */
export function limitRate({ windowMs, limit, keyOf = addressOf, failuresOnly = false }: Limit): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator: keyOf,
    skipSuccessfulRequests: failuresOnly,
    standardHeaders: false,
    legacyHeaders: false,
    // The count of tries must not be lost where the client hides behind our own gateway; `trust proxy` is set by createApp.
    validate: { keyGeneratorIpFallback: false },
    handler(_req, res, next) {
      const resetAt = res.locals.rateLimit?.resetTime?.getTime() ?? Date.now() + windowMs;
      const retryAfterSeconds = Math.max(1, (resetAt - Date.now()) / 1000);
      next(problem(429, 'too-many-requests', 'Too many requests; please wait a while.', { retryAfterSeconds }));
    },
  });
}

/** The caller's address, as our own gateway saw it. */
export function addressOf(req: Request): string {
  return req.ip ? ipKeyGenerator(req.ip) : 'unknown';
}
