import type { Page } from './api/page.ts';

export interface Asked {
  readonly limit: number;
  readonly before: string | undefined;
}

/** The part of a list that was asked for, given all that match, newest first, and what identifies each. */
export function pageOf<Item>(
  items: Iterable<Item>,
  { limit, before }: Asked,
  keyOf: (item: Item) => string,
): Page<Item> {
  const found: Item[] = [];
  let isAfter = before === undefined;
  for (const item of items) {
    if (isAfter) found.push(item);
    else isAfter = keyOf(item) === before;
    if (found.length > limit) break;
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, ...(found.length > limit && last ? { next: keyOf(last) } : {}) };
}
