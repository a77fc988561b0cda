import type { Step } from '../../../src/api/story.ts';

export interface Moment {
  readonly step: Step;
  /** How long after the step before it. */
  readonly afterMs: number;
  /** So long after the step before that it is a gap worth seeing. */
  readonly isAfterGap: boolean;
  /** Whether it belongs to another trace than the step before it. */
  readonly isNewTrace: boolean;
}

/** Services and networks take milliseconds; what takes longer than this is somebody who is waited for. */
const gapMs = 2_000;

/** The steps of a story with the time between them. Those that are still waited for come last. */
export function momentsOf(steps: readonly Step[]): Moment[] {
  const done = steps.filter(({ waiting }) => !waiting);
  const moments = done.map((step, place) => {
    const before = done[place - 1];
    const afterMs = before ? Math.max(0, Date.parse(step.at) - Date.parse(before.at)) : 0;
    return { step, afterMs, isAfterGap: afterMs >= gapMs, isNewTrace: step.traceId !== before?.traceId };
  });
  const waiting = steps
    .filter((it) => it.waiting)
    .map((step) => ({ step, afterMs: 0, isAfterGap: false, isNewTrace: false }));
  return [...moments, ...waiting];
}

/** Several services that did the same are named together. */
export const actorsOf = ({ who }: Step): readonly string[] => who.split(', ');

/** Everybody who takes part, in the order of their first step. */
export const lanesOf = (steps: readonly Step[]): string[] => [...new Set(steps.flatMap(actorsOf))];
