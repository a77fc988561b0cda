import { inWords, sum, tallyOfJest, tallyOfOne } from './tally.ts';

const jest = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe('adding up the results of the runners', () => {
  it('adds up the checks of all runners', () => {
    const all = sum([tallyOfOne(true), tallyOfOne(false), tallyOfJest(JSON.stringify(jest), 0)]);

    expect(inWords(all)).toBe('8 passed, 1 failed');
  });

  it('names skipped tests, including todos', () => {
    const result = JSON.stringify({ ...jest, numPendingTests: 2, numTodoTests: 1 });

    expect(inWords(tallyOfJest(result, 0))).toBe('7 passed, 0 failed, 3 skipped');
  });

  it('counts a test file that could not be loaded', () => {
    const result = JSON.stringify({ ...jest, numRuntimeErrorTestSuites: 1 });

    expect(inWords(tallyOfJest(result, 1))).toBe('7 passed, 1 failed');
  });

  it('never calls a failed run a success', () => {
    expect(inWords(tallyOfJest(JSON.stringify(jest), 1))).toBe('7 passed, 1 failed');
    expect(inWords(tallyOfJest(undefined, undefined))).toBe('0 passed, 1 failed');
  });
});
