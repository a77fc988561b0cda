'use client';

import type { ReactNode } from 'react';
import { useHydrated } from '../browser/use-hydrated.ts';

interface ButtonProps {
  readonly children: ReactNode;
  readonly busy?: boolean;
  /** Accessible name, if the visible text is not enough. */
  readonly label?: string;
  readonly look?: 'main' | 'quiet' | 'danger';
  /** Without it, the button submits its form. */
  readonly onClick?: () => void;
}

/** Disabled while busy and until hydration. */
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
