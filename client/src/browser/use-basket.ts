'use client';

import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { useEffect, useState } from 'react';
import { type Basket, basketToKeep, emptyBasket, keptBasket } from '../lib/basket.ts';
import { mostOf, whyNot } from '../lib/show-words.ts';
import { forgetInTab, keepInTab, keptInTab } from './tab-store.ts';

const name = 'chosen';

/**
 * What a buyer has chosen at a show, kept in the tab until it is ordered. `taken` are seats that somebody else has.
 */
export function useBasket(show: ShowAnswer, taken: ReadonlySet<string>, nowMs: number) {
  const [basket, setBasket] = useState(emptyBasket);

  // Only after hydration: the server does not know what is kept.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was kept is read once
  useEffect(() => {
    const kept = keptBasket(keptInTab(name), {
      kinds: show.kinds,
      mostOf: (kind) => (whyNot(kind, show, nowMs) ? 0 : mostOf(kind, show)),
      taken,
    });
    if (kept) setBasket(kept);
  }, []);

  return {
    basket,
    choose(next: Basket) {
      setBasket(next);
      keepInTab(name, basketToKeep(next));
    },
    forget: () => forgetInTab(name),
  };
}
