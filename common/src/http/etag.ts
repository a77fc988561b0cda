import type { Request } from 'express';
import { invalidRequest } from '../problem.ts';

/** A version as an entity tag, RFC 9110 §8.8.3. */
export const etag = (version: number): string => `"${version}"`;

/**
 * The version that `If-Match` asks for; undefined when it asks for none (absent, or `*`).
 *
 * @throws Problem 400 when it is no tag that `etag` makes
 */
export function ifMatch(req: Request): number | undefined {
  const header = req.get('If-Match');
  if (header === undefined || header === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw invalidRequest([{ field: 'If-Match', message: 'must be an ETag of this resource' }]);
  return Number(version);
}
