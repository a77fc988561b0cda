'use client';

import type { ReactNode } from 'react';
import { useHydrated } from '../browser/use-hydrated.ts';

interface ButtonProps {
  readonly children: ReactNode;
  readonly busy?: boolean;
  readonly look?: 'main' | 'quiet' | 'danger';
  /** Without it, the button sends the form that it stands in. */
  readonly onClick?: () => void;
}

/** Pressed once at a time, and not before the page listens. */
export function Button({ children, busy = false, look = 'main', onClick }: ButtonProps) {
  const hydrated = useHydrated();
  return (
    <button
      type={onClick ? 'button' : 'submit'}
      className={`button button-${look}`}
      disabled={busy || !hydrated}
      aria-busy={busy}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
