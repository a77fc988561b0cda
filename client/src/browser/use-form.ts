'use client';

import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { FormFaults } from '../lib/problem.ts';

const unforeseen: FormFaults = {
  fields: {},
  message: 'Something went wrong that should not have. Load the page again to see what was done.',
};

export interface Form {
  readonly ref: RefObject<HTMLFormElement | null>;
  readonly busy: boolean;
  readonly faults: FormFaults;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

/** Sends a form once at a time, and leads to the first wrong field. `send` resolves with what is wrong, or undefined when all went well and the page is left. */
export function useForm(send: (typed: (name: string) => string) => Promise<FormFaults | undefined>): Form {
  const ref = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<FormFaults>({ fields: {} });

  useEffect(() => {
    if (Object.keys(faults.fields).length === 0) return;
    ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);

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
    onSubmit(event) {
      event.preventDefault();
      void submit(new FormData(event.currentTarget));
    },
  };
}
