import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does some work, and resolves or rejects only when a whole number of steps has passed since it began. What takes
 * a little longer for one caller than for another then takes the same time, unless it is longer than a step.
 */
export async function inSteps<Result>(stepMs: number, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    const took = performance.now() - startedAt;
    await sleep(Math.ceil(took / stepMs) * stepMs - took);
  }
}
