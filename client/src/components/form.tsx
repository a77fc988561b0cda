'use client';

import type { ReactNode } from 'react';
import type { Form as FormState } from '../browser/use-form.ts';
import { useHydrated } from '../browser/use-hydrated.ts';
import { FormMessage } from './fields.tsx';

interface FormProps {
  readonly form: FormState;
  readonly className?: string;
  readonly heading?: ReactNode;
  readonly children: ReactNode;
}

/** A form with the message for the whole of it on top. It takes nothing before the page listens: what was sent then would be lost. */
export function Form({ form: { ref, faults, onSubmit }, className = '', heading, children }: FormProps) {
  const hydrated = useHydrated();
  return (
    <form ref={ref} onSubmit={onSubmit} method="post" className={`form ${className}`} noValidate>
      {heading}
      <FormMessage>{faults.message}</FormMessage>
      <fieldset disabled={!hydrated}>{children}</fieldset>
    </form>
  );
}
