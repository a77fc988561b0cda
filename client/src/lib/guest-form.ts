import { NewGuest } from '@box-office/common/contracts/auth';
import type { z } from 'zod';
import { type FormFaults, formFaults } from './problem.ts';

export const guestFields = ['email', 'name'];

export type ReadGuest = { readonly guest: z.infer<typeof NewGuest> } | { readonly faults: FormFaults };

/** Parses what somebody who buys without an account has typed. */
export function readGuest(typed: { readonly email: string; readonly name: string }): ReadGuest {
  const missing = {
    ...(typed.email.trim() ? {} : { email: 'Enter your e-mail address.' }),
    ...(typed.name.trim() ? {} : { name: 'Enter your name.' }),
  };
  const read = NewGuest.safeParse(typed);
  if (read.success) return { guest: read.data };
  const errors = read.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  const faults = formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, guestFields);
  return { faults: { ...faults, fields: { ...faults.fields, ...missing } } };
}
