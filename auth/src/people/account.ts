import { createHash } from 'node:crypto';
import type { User } from '@box-office/common/contracts/auth';
import type { EventContract } from '@box-office/common/contracts/event';
import { AccountKind, Language, Person, PersonForgotten, PersonKnown } from '@box-office/common/contracts/people';
import { Id, Version } from '@box-office/common/contracts/primitives';
import { notSignedIn, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';
import { type Noticed, noticed } from './notice.ts';

/** The key in a guest's mails. */
const GuestKey = z.object({
  /** SHA-256: a leaked database contains no usable keys. */
  hash: z.string(),
  expiresAt: z.date(),
});

export const Account = z.object({
  id: Id,
  version: Version,
  kind: AccountKind,
  /** In the form of `normalizedEmail`. Of one person, and of any number of guests. */
  email: z.string(),
  name: z.string().nullable(),
  language: Language,
  /** An argon2id hash, or `noPassword`; never null, so that a lost one is noticed. */
  password: z.string(),
  verifiedAt: z.date().nullable(),
  keys: z.array(GuestKey),
  /** Rises when all sessions of the account must end: a session that was opened in an earlier era is refused. */
  era: z.int().nonnegative().default(0),
  /** The era in which its owner took it back: passkeys of earlier ones may be somebody else's, and open nothing. */
  passkeysSince: z.int().nonnegative().default(0),
  /** When a guest was last signed in, to a day; null for people, and for guests who are forgotten. */
  usedAt: z.date().nullable().default(null),
  /** When it was deleted. Its id is kept, so that mail hears of it; nothing else is. */
  forgottenAt: z.date().nullable().default(null),
  /** Whether something that belonged to it may still be stored although it is deleted: its passkeys, say. */
  leftovers: z.boolean().default(false),
  /** Accounts of early releases may lack it. */
  createdAt: z.date().optional().catch(undefined),
});
export type Account = z.infer<typeof Account>;

export const noPassword = 'none';
const day = 24 * 60 * 60 * 1000;
/** How long the key in a guest's mails is valid. */
export const keyForMs = 180 * day;
/** A guest who buys again after this long gets another key, so that the mail about it can be opened for long enough. */
const renewKeyAfterMs = 60 * day;
/** Each change of a guest's name is told with another key. */
const mostKeys = 5;

export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

export const viewOf = ({ id, email, kind, name, verifiedAt }: Account): User => ({
  id,
  email,
  kind,
  ...(name !== null && { name }),
  verified: verifiedAt !== null,
});

/** The public snapshot. Each event takes from it what its contract has. */
export const snapshot = ({ verifiedAt, name, ...account }: Account) => ({
  ...account,
  ...(name !== null && { name }),
  verified: verifiedAt !== null,
});

export interface NewAccount {
  readonly id: string;
  readonly email: string;
  readonly language: Language;
  readonly at: Date;
}

export const newPerson = (from: NewAccount & { password: string; name?: string | null }): Change<Account> =>
  changed({ ...blank(from), kind: 'person', password: from.password, name: from.name ?? null }, PersonKnown);

export const newGuest = (from: NewAccount & { name: string; key: string }): Change<Account> =>
  changed(withKey({ ...blank(from), kind: 'guest', name: from.name, usedAt: from.at }, from), knownBy(from.key));

/**
 * A guest who buys again: the name is the one given last. One who was deleted meanwhile stays so.
 *
 * @throws Problem 409 `already-signed-in` if the guest has opened an account meanwhile
 */
export function again(guest: Account, from: { name: string; key: string; at: Date }): Change<Account> {
  if (guest.kind === 'person') throw alreadySignedIn();
  if (guest.forgottenAt !== null) return unchanged(guest);
  const newestUntil = Math.max(0, ...guest.keys.map(({ expiresAt }) => expiresAt.getTime()));
  const isFresh = newestUntil - from.at.getTime() > keyForMs - renewKeyAfterMs;
  if (guest.name === from.name && isFresh) return used(guest, from.at);
  return changed(withKey({ ...guest, name: from.name, usedAt: from.at }, from), knownBy(from.key));
}

/** A guest comes back. Noted once a day, because all that depends on it is when the guest is forgotten. */
export function used(guest: Account, at: Date): Change<Account> {
  const isNoted = guest.usedAt === null || at.getTime() - guest.usedAt.getTime() < day;
  return isNoted ? unchanged(guest) : changed({ ...guest, usedAt: at });
}

/** Forgets a guest who was last here before `since`. */
export const expire = (guest: Account, { since, at }: { since: Date; at: Date }): Change<Account> =>
  guest.usedAt !== null && guest.usedAt < since ? forget(guest, at) : unchanged(guest);

/** A guest opens an account with the same id, so that everything stays where it is. */
export function becomePerson(guest: Account, password: string): Change<Account> {
  if (guest.kind === 'person') throw problem('guest-only', 'You have an account already.');
  if (guest.forgottenAt !== null) throw notSignedIn();
  return changed(nextEra({ ...guest, kind: 'person', keys: [], usedAt: null, password }), PersonKnown);
}

export const setPassword = (account: Account, password: string, notice: Noticed): Change<Account> =>
  changed(nextEra({ ...account, password }), noticed(notice));

/** What is stored to compare a password with. Without a password the same work is done as without an account. */
export const storedPassword = (account: Account | null): string | null =>
  account === null || account.password === noPassword ? null : account.password;

export function forget({ id, era, kind, language }: Account, at: Date): Change<Account> {
  const nothing = blank({ id, email: '', language, at });
  return changed(nextEra({ ...nothing, era, kind, forgottenAt: at, leftovers: true }), PersonForgotten);
}

/** Nothing is left of what belonged to a deleted account. */
export const swept = (account: Account): Change<Account> =>
  account.leftovers ? changed({ ...account, leftovers: false }) : unchanged(account);

/**
 * For a change that its owner was let in to make: somebody else may have become the owner since.
 *
 * @throws Problem 401 `not-signed-in`
 */
export function mustBeOfEra(account: Account, { era }: Pick<Account, 'era'>): void {
  if (account.era !== era || account.forgottenAt !== null) throw notSignedIn();
}

export const alreadySignedIn = () => problem('already-signed-in', 'You are signed in, so you buy with your account.');

const nextEra = (account: Account): Account => ({ ...account, era: account.era + 1 });

export interface Proof {
  readonly at: Date;
  /** The hash of a new password; null if it stays as it is. */
  readonly password: string | null;
  /** Whether it comes from a browser that is signed in to this account. */
  readonly isOwners: boolean;
}

/**
 * Whoever opens a link by mail has the address. A password or a passkey that was set before anybody proved that may be
 * somebody else's, who waits for the owner to use the account: it goes, unless the owner has proved the address while
 * signed in.
 */
export function prove(account: Account, { at, password, isOwners }: Proof): Change<Account> {
  const isFirst = account.verifiedAt === null;
  if (!isFirst && password === null) return unchanged(account);
  const news: EventContract[] = [
    ...(isFirst ? [PersonKnown] : []),
    ...(password === null ? [] : [noticed({ what: 'password-changed', at })]),
  ];
  const isTakenBack = isFirst && !isOwners;
  const kept = isTakenBack ? noPassword : account.password;
  const proved = { ...account, verifiedAt: account.verifiedAt ?? at, password: password ?? kept };
  const next = isTakenBack || password !== null ? nextEra(proved) : proved;
  return changed(isTakenBack ? { ...next, passkeysSince: next.era } : next, ...news);
}

const blank = ({ id, email, language, at }: NewAccount) => ({
  ...{ id, version: 0, email, language, createdAt: at },
  ...{ name: null, password: noPassword, verifiedAt: null, keys: [], era: 0, passkeysSince: 0, usedAt: null },
  ...{ forgottenAt: null, leftovers: false },
});

const withKey = (guest: Account, { key, at }: { key: string; at: Date }): Account => ({
  ...guest,
  keys: [{ hash: hashOf(key), expiresAt: new Date(at.getTime() + keyForMs) }, ...guest.keys].slice(0, mostKeys),
});

/** The event with the key itself, which is stored nowhere else. */
const knownBy = (key: string): EventContract<Person> => ({
  ...PersonKnown,
  data: Person.transform((person) => ({ ...person, key })),
});
