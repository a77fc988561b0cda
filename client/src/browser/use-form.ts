'use client';

import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { FormFaults } from '../lib/problem.ts';
import { keepDraft, restoreDraft } from './form-draft.ts';
import { goSignIn } from './navigate.ts';
import { useHydrated } from './use-hydrated.ts';

const unforeseen: FormFaults = {
  fields: {},
  message: 'Something went wrong unexpectedly. Reload the page to see what was done.',
};

export interface Form {
  readonly ref: RefObject<HTMLFormElement | null>;
  readonly busy: boolean;
  readonly faults: FormFaults;
  /** After the session has ended: signs in again and returns to this form with its fields filled in. */
  readonly signInAndReturn: () => void;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

/**
 * Submits a form, one submission at a time, and focuses the first invalid field, or else the message of the form, which
 * may be far from the button. `send` resolves with the faults, or with undefined if it succeeded and navigates away.
 */
export function useForm(send: (typed: (name: string) => string) => Promise<FormFaults | undefined>): Form {
  const ref = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const hydrated = useHydrated();
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<FormFaults>({ fields: {} });

  useEffect(() => {
    const wanted = Object.keys(faults.fields).length > 0 ? '[aria-invalid="true"]' : faults.message && '[role="alert"]';
    if (wanted) ref.current?.querySelector<HTMLElement>(wanted)?.focus();
  }, [faults]);

  // Only after hydration, because some fields are re-created by it.
  useEffect(() => {
    if (hydrated && ref.current) restoreDraft(ref.current);
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
    // After success the form stays busy until the next page replaces it.
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
      if (ref.current) keepDraft(ref.current);
      goSignIn();
    },
    onSubmit(event) {
      event.preventDefault();
      void submit(new FormData(event.currentTarget));
    },
  };
}
