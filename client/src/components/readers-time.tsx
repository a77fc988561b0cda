'use client';

import { useHydrated } from '../browser/use-hydrated.ts';
import { readersZone } from '../browser/zone.ts';
import { When } from './when.tsx';

/** An instant in the reader's own time zone, which the server does not know; until hydration in UTC. */
export function ReadersTime({ at }: { readonly at: string }) {
  const hydrated = useHydrated();
  return <When at={at} timeZone={hydrated ? readersZone() : 'UTC'} />;
}
