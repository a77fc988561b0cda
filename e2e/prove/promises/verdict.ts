import type { Announcement } from '../observer.ts';

export interface Verdict {
  readonly invariant: string;
  readonly promise: string;
  /** How many things were checked. An invariant that checked nothing proves nothing. */
  readonly checked: number;
  /** Each with enough detail to find it in the history. */
  readonly violations: readonly string[];
}

export function verdict(
  invariant: string,
  promise: string,
  look: (violated: (what: string) => void) => number,
): Verdict {
  const violations: string[] = [];
  const checked = look((what) => void violations.push(what));
  return { invariant, promise, checked, violations };
}

/** When each aggregate announced this, by id, ms since 1970. */
export function timesOf(announcements: readonly Announcement[], type: string): Map<string, number> {
  return new Map(announcements.filter((it) => it.type === type).map(({ id, timeMs }) => [id, timeMs]));
}

export const idsOf = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);
