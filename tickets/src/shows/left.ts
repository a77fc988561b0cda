import type { BaseParts } from '@box-office/common/service';
import { type Kind, type Show, standing } from './show.ts';
import type { Units } from './units.ts';

/** How old a count may be. */
const freshMs = 1_000;
/** A count may be this many times as old as it took, so that counting never keeps the database busy. */
const rest = 20;
/** The most shows whose counts are remembered. */
const remembered = 500;

/** How many tickets of each kind are reserved or sold, by the ids of the kinds. */
export type Held = ReadonlyMap<string, number>;

interface Count {
  readonly held: Promise<Held>;
  freshUntil: number;
}

/** Counts what is held in an index, for each show about once a second at most, however many people look at it. */
export function countHeld({
  units,
  now,
}: { readonly units: Units } & Pick<BaseParts, 'now'>): (show: Show) => Promise<Held> {
  const counts = new Map<string, Count>();

  return (show) => {
    const known = counts.get(show.id);
    if (known && now().getTime() < known.freshUntil) return known.held;
    // Deleted first, so that it moves to the end and the one counted longest ago is the first.
    counts.delete(show.id);
    const oldest = counts.keys().next();
    if (counts.size >= remembered && !oldest.done) counts.delete(oldest.value);
    const startedAt = now().getTime();
    const count: Count = { held: heldOf(units, show.id, show.kinds), freshUntil: Number.POSITIVE_INFINITY };
    counts.set(show.id, count);
    count.held.then(
      () => {
        const tookMs = now().getTime() - startedAt;
        count.freshUntil = startedAt + Math.max(freshMs, rest * tookMs);
      },
      () => {
        if (counts.get(show.id) === count) counts.delete(show.id);
      },
    );
    return count.held;
  };
}

export async function heldOf(units: Units, showId: string, kinds: readonly { readonly id: string }[]): Promise<Held> {
  const counted = kinds.map(async ({ id }) => [id, await units.countHeld(showId, id)] as const);
  return new Map(await Promise.all(counted));
}

/** How many tickets of a kind nobody holds. */
export const leftOf = (kind: Kind, held: Held): number => Math.max(standing(kind) - (held.get(kind.id) ?? 0), 0);
