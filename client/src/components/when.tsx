'use client';

import { useHydrated } from '../browser/use-hydrated.ts';
import { readersZone } from '../browser/zone.ts';
import { showHere, showThere } from '../lib/when.ts';

interface WhenProps {
  readonly at: string;
  /** The zone that it takes place in, if known. */
  readonly timeZone: string | undefined;
}

/** When something takes place, in local time there. */
export function When({ at, timeZone }: WhenProps) {
  return <time dateTime={at}>{showThere(at, timeZone)}</time>;
}

/** An instant in the reader's time zone; in UTC until hydration, because the server does not know the zone. */
export function WhenHere({ at }: { readonly at: string }) {
  const hydrated = useHydrated();
  return <time dateTime={at}>{hydrated ? showHere(at, readersZone()) : showThere(at, 'UTC')}</time>;
}
