'use client';

import { useHydrated } from '../browser/use-hydrated.ts';
import { showInstant } from '../lib/when.ts';

/** An instant in the reader's own time zone; in UTC until the browser has told which that is. */
export function When({ at }: { readonly at: string }) {
  const hydrated = useHydrated();
  return <time dateTime={at}>{hydrated ? showInstant(at) : showInstant(at, 'UTC')}</time>;
}
