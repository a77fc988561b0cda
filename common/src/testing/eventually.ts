import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries an expectation until it holds, so that a test waits on a condition and never for a length of time.
 *
 * @throws what the expectation threw last, after `withinMs` (default 30 s: long enough for a busy machine, since only a failure takes it)
 */
export async function eventually<Result>(
  expectation: () => Result | Promise<Result>,
  withinMs = 30_000,
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
