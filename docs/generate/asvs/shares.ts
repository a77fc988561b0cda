import { chapters } from './chapters.ts';
import { type Listed, listed } from './levels.ts';
import type { Requirement } from './requirement.ts';

export const said: ReadonlyMap<string, Requirement> = new Map(
  chapters.flatMap(({ requirements }) => Object.entries(requirements)),
);

export interface Share {
  readonly level: Listed['level'];
  readonly all: number;
  readonly applicable: number;
  readonly tested: number;
}

/** How many requirements of a level apply, and how many of those are covered by tests. */
export function shareOf(level: Listed['level']): Share {
  const answers = listed.filter((it) => it.level === level).map(({ id }) => said.get(id));
  const applicable = answers.filter((it) => it && !('notApplicable' in it));
  const tested = applicable.filter((it) => it && 'tests' in it);
  return { level, all: answers.length, applicable: applicable.length, tested: tested.length };
}

/** What we are after: the share of what applies that tests cover, in percent. */
export const wanted = { 1: 90, 2: 75 } as const;

/** What may not be lost again. */
export const atLeast = { 1: 90, 2: 78 } as const;

/** In whole percent, rounded down so that nothing looks better than it is. */
export const percentOf = ({ tested, applicable }: Share): number => Math.floor((100 * tested) / applicable);
