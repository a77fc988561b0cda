import type { BaseParts } from '@box-office/common/service';
import type { Units } from './units.ts';

/** How old an answer may be. */
const freshMs = 1_000;
/** The most shows whose counts are remembered. */
const remembered = 500;

/** How many tickets of each kind nobody holds, by the ids of the kinds. */
export type Left = (show: {
  readonly id: string;
  readonly kinds: readonly { readonly id: string }[];
}) => Promise<ReadonlyMap<string, number>>;

interface Count {
  readonly at: number;
  readonly left: Promise<ReadonlyMap<string, number>>;
}

/** Counts in an index, for each show at most once a second, however many people look at it. */
export function countLeft({ units, now }: { readonly units: Units } & Pick<BaseParts, 'now'>): Left {
  const counts = new Map<string, Count>();

  return ({ id, kinds }) => {
    const at = now().getTime();
    const known = counts.get(id);
    if (known && at - known.at < freshMs) return known.left;
    // Deleted first, so that it moves to the end and the one counted longest ago is the first.
    counts.delete(id);
    const oldest = counts.keys().next();
    if (counts.size >= remembered && !oldest.done) counts.delete(oldest.value);
    const left = count(id, kinds);
    const counted = { at, left };
    counts.set(id, counted);
    left.catch(() => {
      if (counts.get(id) === counted) counts.delete(id);
    });
    return left;
  };

  async function count(showId: string, kinds: readonly { readonly id: string }[]) {
    const counted = kinds.map(async ({ id }) => [id, await units.countFree(showId, id)] as const);
    return new Map(await Promise.all(counted));
  }
}
