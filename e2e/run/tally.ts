import { z } from 'zod';

/** The results of a runner. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of Jest's --json output that is used here. */
const JestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

/** A check that passes or fails as a whole. */
export function tallyOfOne(held: boolean): Tally {
  return { passed: held ? 1 : 0, failed: held ? 0 : 1, skipped: 0 };
}

/**
 * Counts Jest's tests. A file that could not be loaded counts as one failure, as does anything else that made Jest fail
 * (an unmet coverage limit, a crash before the result was written).
 */
export function tallyOfJest(result: string | undefined, exitCode: number | undefined): Tally {
  if (result === undefined) return tallyOfOne(false);
  const jest = JestResult.parse(JSON.parse(result));
  const failed = jest.numFailedTests + jest.numRuntimeErrorTestSuites;
  return {
    passed: jest.numPassedTests,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: jest.numPendingTests + jest.numTodoTests,
  };
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, it) => ({
      passed: all.passed + it.passed,
      failed: all.failed + it.failed,
      skipped: all.skipped + it.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

export function inWords({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
