import { createRequire } from 'node:module';
import type { Test } from '@jest/test-result';

// Its types are those of CommonJS, where the class is called `default`.
const sequencer: typeof import('@jest/test-sequencer') = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Files that take minutes, those that start a whole platform, and the rest: in this order, whatever is known of earlier
 * runs.
 */
const ranks = [/\.slow\.test\.ts$/, /[/\\]e2e[/\\]|[/\\]ops[/\\]|infra[/\\]local[/\\]start/];

const rankOf = (path: string): number => {
  const rank = ranks.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? ranks.length : rank;
};

/**
 * The longest first, so that all workers end at about the same time. Within a rank as Jest would: by their last
 * duration, or by size.
 */
export default class LongestFirst extends sequencer.default {
  override sort(tests: Test[]): Test[] {
    const usual = super.sort(tests);
    const sorted = Array.isArray(usual) ? usual : tests;
    return sorted.toSorted((one, other) => rankOf(one.path) - rankOf(other.path));
  }
}
