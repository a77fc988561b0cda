import { z } from 'zod';
import { EmailAddress } from './email-address.ts';
import { AccountKind, Language, LinkPurpose } from './people.ts';
import { text } from './text.ts';

/** More than any password of 128 characters needs in any Unicode form. */
const longestPasswordBytes = 4_096;

/** A password as it is counted and hashed (NFKC), so that different keyboards give the same result. */
export const normalizedPassword = (password: string): string => password.normalize('NFKC');

const characters = (password: string) => [...normalizedPassword(password)].length;

const TypedPassword = z
  .string()
  .refine((typed) => new TextEncoder().encode(typed).length <= longestPasswordBytes, 'is too long');

/**
 * Length is the only rule (NIST SP 800-63B), counted in characters after the normalization that sign-in applies too.
 */
const NewPassword = TypedPassword.refine((typed) => typed.isWellFormed(), 'must be text')
  .refine((typed) => characters(typed) >= 8, 'must be at least 8 characters')
  .refine((typed) => characters(typed) <= 128, 'must be at most 128 characters')
  .describe('8 to 128 characters, counted after Unicode normalization (NFKC)');

/** The body of POST /api/auth/signup. */
export const NewAccount = z.strictObject({ email: EmailAddress, password: NewPassword });

/** The body of signin and token. No password rules, so that an old password that breaks a newer rule still works. */
export const Credentials = z.strictObject({
  email: z.string().max(1_000),
  password: TypedPassword.describe('At most 4096 bytes'),
});

/** The body of POST /api/auth/guest. */
export const NewGuest = z.strictObject({ email: EmailAddress, name: text(100) });

/** The body of POST /api/auth/guest/open. */
export const OpenGuest = z.strictObject({ key: z.string().max(200) });

/** The body of POST /api/auth/links. */
export const NewLink = z.strictObject({ purpose: LinkPurpose, email: EmailAddress });

/** The body of POST /api/auth/links/use. */
export const LinkUse = z.strictObject({
  token: z.string().max(200),
  password: NewPassword.exactOptional().describe('The new password, for a reset'),
});

export const User = z.object({
  id: z.string(),
  email: z.string(),
  kind: AccountKind.describe('A guest bought without an account'),
  name: z.string().exactOptional(),
  verified: z.boolean().describe('Whether a link by mail has proved the address'),
});
export type User = z.infer<typeof User>;

/** The body of POST /api/auth/account: a guest opens an account. */
export const FirstPassword = z.strictObject({ password: NewPassword });

/** The body of PUT /api/auth/password. */
export const PasswordChange = z.strictObject({
  current: TypedPassword.exactOptional().describe('The password so far, if there is one'),
  password: NewPassword,
});

/** The body of DELETE /api/auth/account. */
export const Goodbye = z.strictObject({
  password: TypedPassword.exactOptional().describe(
    'Needed if the account has one; else a sign-in of the last 10 minutes',
  ),
});

export const Session = z.object({
  id: z.string(),
  device: z.string().describe('Such as `Firefox on Android`'),
  network: z.string().describe('The network it was opened from, shortened, such as `203.0.113.x`'),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime().describe('To the minute'),
  current: z.boolean().describe('Whether it is the session that asks'),
});
export type Session = z.infer<typeof Session>;

/** What an account can be opened with, and where it is open. */
export const AccountView = z.object({
  ...User.shape,
  hasPassword: z.boolean(),
  passkeys: z.int().nonnegative(),
  language: Language,
});
export type AccountView = z.infer<typeof AccountView>;

export const Passkey = z.object({
  id: z.string(),
  name: z.string().describe('The device it was made with'),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime(),
});
export type Passkey = z.infer<typeof Passkey>;

/** Everything that auth knows of somebody. */
export const PersonalData = z.object({
  account: z.object({ ...AccountView.shape, createdAt: z.iso.datetime().optional() }),
  guests: z.array(User).describe('The guests of a proved address'),
  sessions: z.array(Session),
  passkeys: z.array(Passkey),
  knownBrowsers: z.array(z.object({ usedAt: z.iso.datetime(), expiresAt: z.iso.datetime() })),
});

export const CurrentUser = z.object({ currentUser: User.nullable() });
export const Token = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
