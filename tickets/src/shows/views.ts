import type { ListedShow, ShowAnswer } from '@box-office/common/contracts/shows';
import { type Counts, leftOf } from './left.ts';
import { isOver, type Show, snapshot } from './show.ts';

/** Fields that may be large and that lists do not show. */
export const notListed = ['kinds.seats', 'kinds.removed', 'outbox'];

/** A show as everybody may see it: without the labels of its seats, which may be many. */
export function listed(show: Show, now: Date): ListedShow {
  const { kinds, ...facts } = snapshot(show);
  return {
    ...facts,
    kinds: kinds.map(({ seats: _, removed: __, ...kind }, index) => ({
      ...kind,
      ...(show.kinds[index]?.seated ? { seated: true as const } : {}),
    })),
    ...(isOver(show, now) ? { over: true as const } : {}),
  };
}

export function answer(show: Show, unavailable: Counts, now: Date): ShowAnswer {
  const { kinds, ...facts } = listed(show, now);
  const left = new Map(show.kinds.map((kind) => [kind.id, leftOf(kind, unavailable)]));
  return {
    ...facts,
    kinds: kinds.map((kind) => ({ ...kind, left: left.get(kind.id) ?? 0 })),
  };
}
