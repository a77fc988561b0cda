'use client';

import { useSyncExternalStore } from 'react';
import { whyNoPasskeysHere } from './passkeys.ts';

const never = () => () => undefined;

/** Why passkeys cannot be used here, as a sentence; null if they can; undefined until hydration. */
export function useWhyNoPasskeys(): string | null | undefined {
  return useSyncExternalStore(never, whyNoPasskeysHere, () => undefined);
}
