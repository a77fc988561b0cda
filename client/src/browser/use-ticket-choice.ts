'use client';

import { useEffect, useState } from 'react';
import { forgetInTab, keepInTab, keptInTab } from './tab-store.ts';

interface Choice {
  /** Under which name it is kept in the tab. */
  readonly name: string;
  readonly first: ReadonlySet<string>;
  /** The tickets that can be chosen. */
  readonly ids: readonly string[];
}

/** Some tickets of an order. `keep` has the choice survive signing in again. */
export function useTicketChoice({ name, first, ids }: Choice) {
  const [chosen, setChosen] = useState(first);

  // Only after hydration: the server does not know what is kept.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was kept is read once
  useEffect(() => {
    const kept = keptInTab(name);
    forgetInTab(name);
    if (Array.isArray(kept)) setChosen(new Set(ids.filter((id) => kept.includes(id))));
  }, []);

  return { chosen, setChosen, keep: () => keepInTab(name, [...chosen]) };
}
