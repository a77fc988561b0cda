import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { tooManyRequests } from '../problem.ts';

export interface Limit {
  readonly windowMs: number;
  /** The most requests with the same key within the window. */
  readonly limit: number;
  /** Requests with the same key are counted together. Default: the address (for IPv6, the /56 network). */
  readonly keyOf?: (req: Request, res: Response) => string;
  /** The reason for a refusal, as a sentence for people. How long to wait is added to it. */
  readonly why?: string;
}

/** What express-rate-limit adds to a request. */
const Counted = z.object({ rateLimit: z.object({ resetTime: z.date() }) });

/** Answers 429 `too-many-requests` with `Retry-After` once the limit is reached. Each process counts separately. */
export function limitRate({ windowMs, limit, keyOf = addressOf, why = 'Too many requests.' }: Limit): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator: keyOf,
    standardHeaders: false,
    legacyHeaders: false,
    handler(req, _res, next) {
      const { rateLimit } = Counted.parse(req);
      next(tooManyRequests(why, Math.max(1, (rateLimit.resetTime.getTime() - Date.now()) / 1000)));
    },
  });
}

/** The caller's address as seen by our own gateway; for IPv6, its network. */
export function addressOf(req: Request): string {
  return req.ip ? ipKeyGenerator(req.ip) : 'unknown';
}

/** Limits the changes one caller may request: enough to list a thousand tickets, too few to fill the disk. */
export function limitWrites(perMinute: number): RequestHandler {
  const limit = limitRate({ windowMs: 60_000, limit: perMinute, keyOf: callerOf });
  return (req, res, next) => (['GET', 'HEAD', 'OPTIONS'].includes(req.method) ? next() : limit(req, res, next));
}

/**
 * The key for counting a caller's changes: the user, or the address if nobody is signed in. The token is not verified
 * here, because the gateway sets it and routes verify it.
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
