import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Id } from '../contracts/primitives.ts';
import { type ProblemCode, ProblemExtensions, problemStatus } from '../contracts/problem.ts';

const Digest = z.string().regex(/^[\w-]{43}$/, 'must be a digest');

/** An answer or a final refusal, as kept for repeats of the request. */
const StoredAnswer = z.union([
  z.object({
    status: z.int().min(200).max(299),
    headers: z.record(z.string(), z.string()),
    json: z.string().refine(isJson, 'must be JSON'),
  }),
  z.object({
    code: z.custom<ProblemCode>((code) => typeof code === 'string' && Object.hasOwn(problemStatus, code)),
    detail: z.string().nullable(),
    /** Null in answers stored before the field existed. */
    extensions: ProblemExtensions.nullable().default(null),
  }),
]);
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** What is stored about an `Idempotency-Key`. */
export const StoredKey = z.object({
  /** Digest of user, route and key. */
  _id: Digest,
  /** Digest of the body. */
  body: Digest,
  newId: Id,
  startedAt: z.date(),
  leasedUntil: z.date(),
  answer: StoredAnswer.nullable(),
});
export type StoredKey = z.infer<typeof StoredKey>;

export const digest = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url');

/** The same for the same JSON, whatever the order of the members of its objects. */
export const digestOfBody = (body: unknown): string => digest([JSON.stringify(body, withSortedMembers)]);

/** Releases before `digestOfBody` stored the digest of the members in the order sent. */
export const isDigestOf = (body: unknown, stored: string): boolean =>
  stored === digestOfBody(body) || stored === digest([JSON.stringify(body)]);

function withSortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
