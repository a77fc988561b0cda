import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/**
 * Repeats a task, with a pause after each run, and before the first unless `atOnce`. A failed run is logged, and the
 * next one follows as usual.
 */
export function repeat(
  { name, everyMs, logger, atOnce = false }: { name: string; everyMs: number; logger: Logger; atOnce?: boolean },
  task: (signal: AbortSignal) => Promise<void>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    for (let first = true; ; first = false) {
      if (!first || !atOnce) await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await task(signal).catch((error) => {
        if (!signal.aborted) logger.warn({ err: error }, `the ${name} failed and will be repeated`);
      });
    }
  })();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}
