import type { Announcement } from '../observer.ts';

export interface Verdict {
  readonly invariant: string;
  /** What must hold. */
  readonly promise: string;
  /** How many things were looked at. An invariant that looked at nothing has shown nothing. */
  readonly checked: number;
  /** Each with enough to find it again. */
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
