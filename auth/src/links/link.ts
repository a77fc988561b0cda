import { LinkPurpose, LinkRequested, RequestedLink } from '@box-office/common/contracts/people';
import { Id, Version } from '@box-office/common/contracts/primitives';
import { problem } from '@box-office/common/problem';
import { type Change, changed } from '@box-office/common/store/change';
import { z } from 'zod';
import { type Account, hashOf } from '../people/account.ts';
import type { Tally } from '../tallies.ts';

export const Link = z.object({
  id: Id,
  version: Version,
  purpose: LinkPurpose,
  email: z.string(),
  /** Null if only guests had the address. */
  personId: Id.nullable(),
  /** SHA-256 of the token: a leaked database contains no usable links. */
  hash: z.string(),
  expiresAt: z.date(),
  usedAt: z.date().nullable(),
});
export type Link = z.infer<typeof Link>;

/** How long a link can be used: as long as OWASP ASVS 5.0 permits a code that is sent some other way (6.5.5). */
export const linkForMs = 10 * 60 * 1000;

export interface Wish {
  readonly id: string;
  readonly purpose: LinkPurpose;
  readonly email: string;
  readonly token: string;
  readonly at: Date;
}

/**
 * A link that somebody has asked for. It is stored in any case, so that asking takes the same time whether or not there
 * is anybody to mail it to.
 */
export function ask({ id, purpose, email, token, at }: Wish, to: Account | null): Change<Link> {
  const personId = to?.kind === 'person' ? to.id : null;
  const expiresAt = new Date(at.getTime() + linkForMs);
  const link = { id, version: 0, purpose, email, personId, hash: hashOf(token), expiresAt, usedAt: null };
  return to ? changed(link, mailed({ language: to.language, token })) : changed(link);
}

/**
 * Counts a link, unless there are too many. Where the last one that was mailed can be used no longer, another one is in
 * any case: somebody else must not be able to use up all that an owner may ask for.
 */
export function mayBeMailed(tally: Tally, { at, perAccount }: { at: number; perAccount: number }): boolean {
  if (tally.wrong >= perAccount && at - tally.lastAt < linkForMs) return false;
  if (tally.wrong === 0) tally.firstAt = at;
  tally.wrong++;
  tally.lastAt = at;
  return true;
}

/** The event with the token, which is stored nowhere else. */
const mailed = (secret: Pick<RequestedLink, 'language' | 'token'>) => ({
  ...LinkRequested,
  data: z.preprocess((snapshot) => ({ ...z.object({}).loose().parse(snapshot), ...secret }), RequestedLink),
});

export const snapshot = ({ personId, expiresAt, ...link }: Link) => ({
  ...link,
  ...(personId !== null && { personId }),
  expiresAt: expiresAt.toISOString(),
});

/** Uses it up, before anything else is done. @throws Problem 410 `link-not-valid` */
export function use(link: Link, now: Date): Change<Link> {
  mustBeValid(link, now);
  return changed({ ...link, usedAt: now });
}

export function mustBeValid(link: Link | null, now: Date): asserts link is Link {
  if (!link || link.usedAt !== null || link.expiresAt <= now) throw notValid();
}

export const notValid = () =>
  problem('link-not-valid', 'This link was used before, or is too old, or is not complete. Ask for a new one.');
