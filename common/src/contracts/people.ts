import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Id, Instant, Version } from './primitives.ts';

/**
 * What auth tells mail. These events are commands more than facts, and some carry secrets. So auth's stream is a work
 * queue: a message is gone once mail has handled it, and only mail may read it.
 */

/** The languages of mails. */
export const Language = z.enum(['en', 'de']);
export type Language = z.infer<typeof Language>;

/** A guest gave an address and a name at checkout; a person has an account. */
export const AccountKind = z.enum(['guest', 'person']);
export type AccountKind = z.infer<typeof AccountKind>;

/** Whom an id belongs to, for the mails about their orders. */
export const Person = z.object({
  id: Id,
  version: Version,
  kind: AccountKind,
  email: z.string(),
  name: z.string().optional(),
  language: Language,
  verified: z.boolean().describe('Whether a link by mail has proved the address'),
  key: z
    .string()
    .optional()
    .describe(
      'For guests: the key for links in their mails, `/open?key=…`. Missing when everything is announced again, ' +
        'because only its hash is stored; the keys before it stay valid',
    ),
});
export type Person = z.infer<typeof Person>;

export const ForgottenPerson = z.object({ id: Id, version: Version });
export type ForgottenPerson = z.infer<typeof ForgottenPerson>;

export const LinkPurpose = z.enum(['verify', 'sign-in', 'reset']);
export type LinkPurpose = z.infer<typeof LinkPurpose>;

/** A link to mail, once. */
export const RequestedLink = z.object({
  id: Id.describe('The id of the request; each is one mail'),
  version: Version,
  personId: Id.optional().describe('Missing if only guests have this address'),
  email: z.string(),
  language: Language,
  purpose: LinkPurpose,
  token: z.string().describe('The secret in the link, for one use'),
  expiresAt: Instant.describe('No use mailing it later'),
});
export type RequestedLink = z.infer<typeof RequestedLink>;

export const NoticedWhat = z.enum([
  'signed-in-elsewhere',
  'password-changed',
  'passkey-added',
  'passkey-removed',
  'guesses',
  'sign-up-tried',
]);
export type NoticedWhat = z.infer<typeof NoticedWhat>;

/** Something that the owner of an account should know. */
export const SecurityNotice = z.object({
  id: Id.describe('The id of the person; one of their notices is told from another by the version'),
  version: Version,
  email: z.string(),
  language: Language,
  what: NoticedWhat,
  at: Instant,
  device: z.string().optional().describe('Such as `Firefox on Android`'),
});
export type SecurityNotice = z.infer<typeof SecurityNotice>;

export const PersonKnown = defineEvent({
  type: 'person.known',
  announcedBy: 'auth',
  data: Person,
  summary: 'Somebody has an account or bought as a guest, or what is known of them has changed.',
});
export const PersonForgotten = defineEvent({
  type: 'person.forgotten',
  announcedBy: 'auth',
  data: ForgottenPerson,
  summary: 'Somebody deleted their account, or a guest has not come back for long; nothing is mailed to them any more.',
});
export const LinkRequested = defineEvent({
  type: 'link.requested',
  announcedBy: 'auth',
  data: RequestedLink,
  summary: 'A link to verify an address, to sign in or to reset a password is to be mailed.',
});
export const SecurityNoticed = defineEvent({
  type: 'security.noticed',
  announcedBy: 'auth',
  data: SecurityNotice,
  summary: 'Something happened to an account that its owner should know.',
});
