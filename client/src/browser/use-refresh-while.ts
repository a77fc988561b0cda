'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const everyMs = 15_000;

/** Makes the page anew now and then while `on`, unless nobody looks at it. */
export function useRefreshWhile(on: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [on, router]);
}
