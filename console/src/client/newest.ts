import type { Live } from '../api/live.ts';
import type { Page } from '../api/page.ts';
import type { ConsoleClient, List } from './console-client.ts';
import { printJson, printJsonLine } from './print.ts';

interface Told<Item> {
  /** How many of what is there already. */
  readonly limit: number;
  readonly json: boolean;
  /** Goes on with what is new, whenever something of this name happens. */
  readonly follow: keyof Live | undefined;
  readonly tell: (items: readonly Item[]) => unknown;
}

/** Prints the newest of a list, oldest first, and what comes then if it is to follow. */
export async function tellNewest<Item>(
  console: ConsoleClient,
  list: List<Item>,
  { limit, json, follow, tell }: Told<Item>,
): Promise<number> {
  if (follow === undefined) {
    const { items } = await console.get<Page<Item>>(list.path, { ...list.query, limit: `${limit}` });
    const oldestFirst = items.toReversed();
    json ? printJson(oldestFirst) : tell(oldestFirst);
    return 0;
  }
  let most = limit;
  for await (const items of console.follow(list, follow)) {
    const shown = items.slice(-most);
    json ? shown.map(printJsonLine) : tell(shown);
    most = Number.POSITIVE_INFINITY;
  }
  return 0;
}
