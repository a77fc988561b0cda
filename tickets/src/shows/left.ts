import { rarely } from './rarely.ts';
import { type Kind, type Show, standing } from './show.ts';
import type { UnitState } from './unit.ts';
import type { Units } from './units.ts';

/** Numbers of tickets of each kind, by the ids of the kinds. */
export type Counts = ReadonlyMap<string, number>;

/** How many are reserved or sold. */
export const heldOf = (units: Units, showId: string, kinds: readonly { readonly id: string }[]): Promise<Counts> =>
  countsOf(units, showId, kinds, ['live', 'sold', 'offered']);

/** How many cannot be bought, because they are reserved, or sold and not on offer. For each show counted rarely. */
export const countUnavailable = (units: Units): ((show: Show) => Promise<Counts>) =>
  rarely(({ id, kinds }: Show) => countsOf(units, id, kinds, ['live', 'sold']));

/** How many tickets of a kind can be bought. */
export const leftOf = (kind: Kind, unavailable: Counts): number =>
  Math.max(standing(kind) - (unavailable.get(kind.id) ?? 0), 0);

/** Whether any ticket can be bought, as lists have to know of many shows: looked up in an index, and not counted. */
export const lookForAny = (units: Units): ((show: Show) => Promise<boolean>) =>
  rarely(async ({ id, kinds }: Show) => {
    for (const kind of kinds) if (await units.has(id, kind, ['free', 'offered'])) return true;
    return false;
  });

/** Counts in an index. */
async function countsOf(
  units: Units,
  showId: string,
  kinds: readonly { readonly id: string }[],
  states: readonly UnitState[],
): Promise<Counts> {
  const counted = kinds.map(async ({ id }) => [id, await units.count(showId, id, states)] as const);
  return new Map(await Promise.all(counted));
}
