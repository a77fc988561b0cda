import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { Means } from './attack.ts';

/** One of them, by chance. @throws when there are none */
export function pick<Item>(from: readonly Item[], { random }: Pick<Means, 'random'>): Item {
  const item = from[uniformInt(random, 0, from.length - 1)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

/** True once in so many times. */
export const oneIn = (times: number, { random }: Pick<Means, 'random'>): boolean => uniformInt(random, 1, times) === 1;
