import { z } from 'zod';
import { EmailAddress } from './email-address.ts';

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

export const User = z.object({ id: z.string(), email: z.string() });
export type User = z.infer<typeof User>;

export const CurrentUser = z.object({ currentUser: User.nullable() });
export const Token = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
