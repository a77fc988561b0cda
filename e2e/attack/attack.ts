import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Target } from './target.ts';

/** How much of an attack is carried out: enough for every change, or all of it. */
export type Effort = 'short' | 'long';

export interface Means {
  readonly effort: Effort;
  /** Makes the same choices again for the same seed. */
  readonly random: RandomGenerator;
}

/** What came of an attack. */
export interface Outcome {
  /** How many requests, or other tries. */
  readonly tried: number;
  /** Where the platform gave way, a sentence each. */
  readonly faults: readonly string[];
  /** What was measured, if anything. */
  readonly measured?: string;
  /** Why it was not carried out, when something it needs is missing. */
  readonly skipped?: string;
}

/** One way of attacking the platform. */
export interface Attack {
  /** As in `--only`. */
  readonly name: string;
  /** What must hold in spite of it. */
  readonly promise: string;
  run(target: Target, means: Means): Promise<Outcome>;
}
