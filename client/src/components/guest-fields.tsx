'use client';

import type { User } from '@box-office/common/contracts/auth';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { Guest } from '../browser/use-guest.ts';
import { useHydrated } from '../browser/use-hydrated.ts';
import { signInPath } from '../lib/next-path.ts';
import { Field, FormMessage } from './fields.tsx';

interface GuestFieldsProps {
  readonly buyer: User | null;
  readonly guest: Guest;
}

/** Who buys: asks somebody without a session where to write to them, and tells a guest who they are taken for. */
export function GuestFields({ buyer, guest: { faults, before } }: GuestFieldsProps) {
  const { fields, message } = faults;
  const here = usePathname();
  const hydrated = useHydrated();
  if (buyer?.kind === 'person') return null;
  if (buyer) {
    return (
      <p className="hint">
        You order as {buyer.name ?? 'a guest'}, {buyer.email}.
      </p>
    );
  }
  return (
    <fieldset className="guest" disabled={!hydrated}>
      <legend>Your details</legend>
      <FormMessage>{message}</FormMessage>
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        defaultValue={before?.email}
        hint="We write to you there about your order."
        error={fields.email}
      />
      <Field label="Name" name="name" autoComplete="name" defaultValue={before?.name} error={fields.name} />
      <p className="hint">
        You need no account. Have one? <Link href={signInPath(here)}>Sign in</Link>
      </p>
    </fieldset>
  );
}
