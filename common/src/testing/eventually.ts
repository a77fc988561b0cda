import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries an expectation until it holds, so that a test waits on a condition and never for a length of time.
 *
 * @throws what the expectation threw last, after `withinMs` (default 10 s)
 */
export async function eventually<Result>(
  expectation: () => Result | Promise<Result>,
  withinMs = 10_000,
): Promise<Result> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(15);
    }
  }
}
