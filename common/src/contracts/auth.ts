import { z } from 'zod';

/** The body of signup. Length is the only rule for passwords (NIST SP 800-63B). */
export const NewAccount = z.strictObject({
  email: z.email('must be an e-mail address').max(254),
  password: z.string().min(8, 'must be at least 8 characters').max(128, 'must be at most 128 characters'),
});

/** The body of signin and token: no rules here, or an old password that breaks a new rule could not sign in. */
export const Credentials = z.strictObject({ email: z.string().max(254), password: z.string().max(128) });

export const User = z.object({ id: z.string(), email: z.string() });
export type User = z.infer<typeof User>;

export const CurrentUser = z.object({ currentUser: User.nullable() });
export const Token = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
