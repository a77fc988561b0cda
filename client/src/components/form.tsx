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

/**
 * A form with its general message on top. It is disabled until hydration, because an earlier submission would be lost.
 */
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
