import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Retries an expectation until it holds, so that a test waits on a condition and never for a fixed time.
 *
 * @throws the expectation's last error after `withinMs` (default 60 s, generous because only a failure takes that long)
 */
export async function eventually<Result>(
  expectation: () => Result | Promise<Result>,
  withinMs = 60_000,
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
