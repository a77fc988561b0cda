'use client';

import { useState } from 'react';
import { useHydrated } from './use-hydrated.ts';

/** This browser's time zone. */
export const readersZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';

/** State for choosing a zone: initially the given one, or the reader's, which the server does not know. */
export function useZone(given: string | undefined) {
  const hydrated = useHydrated();
  const [chosen, setZone] = useState(given);
  const zone = chosen ?? (hydrated ? readersZone() : 'UTC');
  const all = hydrated ? Intl.supportedValuesOf('timeZone') : [];
  return { zone, zones: [...new Set([zone, 'UTC', ...all])].toSorted(), setZone };
}
