import type { ListedShow, ShowAnswer } from '@box-office/common/contracts/shows';
import { type Counts, leftOf } from './left.ts';
import { isOver, type Show, snapshot } from './show.ts';

/** Fields that may be large and that lists do not show. */
export const notListed = ['kinds.seats', 'kinds.removed', 'outbox'];

/** Only then does it matter whether any ticket is left. */
const isOnSale = (show: Show, now: Date): boolean => show.state === 'on-sale' && !isOver(show, now);

/** A show as everybody may see it: without the labels of its seats, which may be many. */
export function listed(show: Show, isAnyLeft: boolean, now: Date): ListedShow {
  const { kinds, ...facts } = snapshot(show);
  return {
    ...facts,
    kinds: kinds.map(({ seats: _, removed: __, ...kind }, index) => ({
      ...kind,
      ...(show.kinds[index]?.seated ? { seated: true as const } : {}),
    })),
    ...(isOver(show, now) ? { over: true as const } : {}),
    ...(isOnSale(show, now) && !isAnyLeft ? { soldOut: true as const } : {}),
  };
}

/** The shows of a page. */
export const listedAll = (
  shows: readonly Show[],
  isAnyLeft: (show: Show) => Promise<boolean>,
  now: Date,
): Promise<ListedShow[]> =>
  Promise.all(shows.map(async (show) => listed(show, isOnSale(show, now) && (await isAnyLeft(show)), now)));

export function answer(show: Show, unavailable: Counts, now: Date): ShowAnswer {
  const left = new Map(show.kinds.map((kind) => [kind.id, leftOf(kind, unavailable)]));
  const isAnyLeft = [...left.values()].some((count) => count > 0);
  const { kinds, ...facts } = listed(show, isAnyLeft, now);
  return {
    ...facts,
    kinds: kinds.map((kind) => ({ ...kind, left: left.get(kind.id) ?? 0 })),
  };
}
