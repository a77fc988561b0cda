import { rarely } from './rarely.ts';
import { type Kind, type Show, standing } from './show.ts';
import type { Units } from './units.ts';

/** How many tickets of each kind are reserved or sold, by the ids of the kinds. */
export type Held = ReadonlyMap<string, number>;

export async function heldOf(units: Units, showId: string, kinds: readonly { readonly id: string }[]): Promise<Held> {
  const counted = kinds.map(async ({ id }) => [id, await units.countHeld(showId, id)] as const);
  return new Map(await Promise.all(counted));
}

/** Counts in an index, but for each show rarely. */
export const countHeld = (units: Units): ((show: Show) => Promise<Held>) =>
  rarely(({ id, kinds }: Show) => heldOf(units, id, kinds));

/** How many tickets of a kind nobody holds. */
export const leftOf = (kind: Kind, held: Held): number => Math.max(standing(kind) - (held.get(kind.id) ?? 0), 0);
