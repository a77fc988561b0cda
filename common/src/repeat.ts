import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Does a task again and again, with a pause between the end of one run and the start of the next, and before the first unless it is to be done at once. A run that fails is logged and not the last. */
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
        if (!signal.aborted) logger.warn({ err: error }, `the ${name} failed; it comes again`);
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
