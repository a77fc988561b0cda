'use client';

import type { ReactNode } from 'react';
import { useHydrated } from '../browser/use-hydrated.ts';

interface ButtonProps {
  readonly children: ReactNode;
  readonly busy?: boolean;
  /** What is read out, where the words alone do not say what they are about. */
  readonly label?: string;
  readonly look?: 'main' | 'quiet' | 'danger';
  /** Without it, the button sends the form that it stands in. */
  readonly onClick?: () => void;
}

/** Pressed once at a time, and not before the page listens. */
export function Button({ children, busy = false, label, look = 'main', onClick }: ButtonProps) {
  const hydrated = useHydrated();
  return (
    <button
      type={onClick ? 'button' : 'submit'}
      className={`button button-${look}`}
      disabled={busy || !hydrated}
      aria-busy={busy}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
