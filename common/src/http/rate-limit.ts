import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { tooManyRequests } from '../problem.ts';

export interface Limit {
  readonly windowMs: number;
  /** How many requests of one key are let through within the window. */
  readonly limit: number;
  /** Whose requests are counted together. Default: one address (one /56 network for IPv6). */
  readonly keyOf?: (req: Request, res: Response) => string;
  /** Why the next request is refused, in a sentence for people. How long to wait is added. */
  readonly why?: string;
}

/** What express-rate-limit leaves on a request. */
const Counted = z.object({ rateLimit: z.object({ resetTime: z.date() }) });

/** Answers 429 `too-many-requests` with `Retry-After` once the limit is reached. Each process counts for itself. */
export function limitRate({ windowMs, limit, keyOf = addressOf, why = 'Too many requests.' }: Limit): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator: keyOf,
    standardHeaders: false,
    legacyHeaders: false,
    // The count of tries must not be lost where the client hides behind our own gateway; `trust proxy` is set by
    // createApp.
    validate: { keyGeneratorIpFallback: false },
    handler(req, _res, next) {
      const { rateLimit } = Counted.parse(req);
      next(tooManyRequests(why, Math.max(1, (rateLimit.resetTime.getTime() - Date.now()) / 1000)));
    },
  });
}

/** The caller's address, as our own gateway saw it. */
export function addressOf(req: Request): string {
  return req.ip ? ipKeyGenerator(req.ip) : 'unknown';
}

/** Limits the changes one caller may request: enough to list a thousand tickets, too few to fill the disk. */
export function limitWrites(perMinute: number): RequestHandler {
  const limit = limitRate({ windowMs: 60_000, limit: perMinute, keyOf: callerOf });
  return (req, res, next) => (['GET', 'HEAD', 'OPTIONS'].includes(req.method) ? next() : limit(req, res, next));
}

/**
 * Who calls, as far as counting needs to know. The token is not verified here: the gateway has put it there, and routes
 * verify it.
 */
function callerOf(req: Request): string {
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\./.exec(req.get('Authorization') ?? '') ?? [];
  const claims = payload ? Claims.safeParse(parseJson(Buffer.from(payload, 'base64url').toString())) : undefined;
  return claims?.success ? `user ${claims.data.sub}` : addressOf(req);
}

const Claims = z.object({ sub: z.string() });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
