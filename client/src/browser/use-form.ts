'use client';

import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { FormFaults } from '../lib/problem.ts';
import { goSignIn } from './go.ts';
import { keepTyped, restoreTyped } from './typed.ts';
import { useHydrated } from './use-hydrated.ts';

const unforeseen: FormFaults = {
  fields: {},
  message: 'Something went wrong that should not have. Load the page again to see what was done.',
};

export interface Form {
  readonly ref: RefObject<HTMLFormElement | null>;
  readonly busy: boolean;
  readonly faults: FormFaults;
  /** For a session that has ended: signs in, comes back to this form and finds in it what was typed. */
  readonly signInAndReturn: () => void;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

/** Sends a form once at a time, and leads to the first wrong field. `send` resolves with what is wrong, or undefined when all went well and the page is left. */
export function useForm(send: (typed: (name: string) => string) => Promise<FormFaults | undefined>): Form {
  const ref = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const hydrated = useHydrated();
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<FormFaults>({ fields: {} });

  useEffect(() => {
    if (Object.keys(faults.fields).length === 0) return;
    ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);

  // Not before the fields are as the browser has them: some are made anew when the page begins to listen.
  useEffect(() => {
    if (hydrated && ref.current) restoreTyped(ref.current);
  }, [hydrated]);

  async function submit(data: FormData) {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setFaults({ fields: {} });
    const wrong = await send((name) => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    }).catch(() => unforeseen);
    // A form that went well stays busy until the next page takes its place.
    if (!wrong) return;
    sending.current = false;
    setFaults(wrong);
    setBusy(false);
  }

  return {
    ref,
    busy,
    faults,
    signInAndReturn() {
      if (ref.current) keepTyped(ref.current);
      goSignIn();
    },
    onSubmit(event) {
      event.preventDefault();
      void submit(new FormData(event.currentTarget));
    },
  };
}
