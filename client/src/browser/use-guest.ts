'use client';

import type { User } from '@box-office/common/contracts/auth';
import { useRouter } from 'next/navigation';
import { type RefObject, useEffect, useState } from 'react';
import { guestFields, readGuest } from '../lib/guest-form.ts';
import { type FormFaults, formFaults } from '../lib/problem.ts';
import { call } from './api.ts';
import { goSignIn, goTo } from './navigate.ts';

export interface Guest {
  readonly faults: FormFaults;
  /** The guest whose session has ended meanwhile. */
  readonly before: User | null;
  /** Makes sure of a session, if necessary as the guest whose details are in the form. False if they are wrong. */
  readonly begin: (traceparent: string) => Promise<boolean>;
  /** Goes to what the buyer has made. */
  readonly goOn: (path: string) => void;
  /** The session has ended: a person signs in again, a guest is asked whether the details are still right. */
  readonly sessionEnded: () => void;
}

const ended = 'Your session has ended. Check your details and go on: what you have chosen is still here.';

/** Lets somebody without a session buy as a guest. `form` holds `GuestFields` unless there is a `buyer`. */
export function useGuest(buyer: User | null, form: RefObject<HTMLFormElement | null>): Guest {
  const router = useRouter();
  const [faults, setFaults] = useState<FormFaults>({ fields: {} });
  const [before, setBefore] = useState<User | null>(null);

  useEffect(() => {
    if (Object.keys(faults.fields).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults, form]);

  return {
    faults,
    before,
    async begin(traceparent) {
      if (buyer || !form.current) return true;
      const typed = new FormData(form.current);
      const read = readGuest({ email: `${typed.get('email') ?? ''}`, name: `${typed.get('name') ?? ''}` });
      if ('faults' in read) {
        setFaults(read.faults);
        return false;
      }
      setFaults({ fields: {} });
      const outcome = await call('POST', '/api/auth/guest', read.guest, { traceparent });
      // Whoever has signed in meanwhile, in another tab, buys with their account.
      if (outcome.ok || outcome.fault.code === 'already-signed-in') return true;
      setFaults(formFaults(outcome.fault, guestFields));
      return false;
    },
    goOn(path) {
      if (buyer) router.push(path);
      // The frame around the page shows who is signed in.
      else goTo(path);
    },
    sessionEnded() {
      if (buyer?.kind === 'person') return goSignIn();
      setBefore(buyer);
      setFaults({ fields: {}, message: ended });
      router.refresh();
    },
  };
}
