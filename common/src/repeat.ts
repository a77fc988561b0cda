import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** A task that is being repeated. */
export interface Repeating {
  /** Ends the present pause, or skips the next one. */
  wake(): void;
  /** Resolves once the present run has ended. */
  stop(): Promise<void>;
}

/**
 * Repeats a task, with a pause after each run, and before the first unless `atOnce`. A failed run is logged, and the
 * next one follows as usual.
 */
export function repeat(
  { name, everyMs, logger, atOnce = false }: { name: string; everyMs: number; logger: Logger; atOnce?: boolean },
  task: (signal: AbortSignal) => Promise<void>,
): Repeating {
  const stopping = new AbortController();
  const { signal } = stopping;
  let woken = new AbortController();

  async function pause(): Promise<void> {
    await sleep(everyMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
    woken = new AbortController();
  }

  const running = (async () => {
    for (let first = true; ; first = false) {
      if (!first || !atOnce) await pause();
      if (signal.aborted) return;
      await task(signal).catch((error) => {
        if (!signal.aborted) logger.warn({ err: error }, `the ${name} failed and will be repeated`);
      });
    }
  })();
  return {
    wake: () => woken.abort(),
    stop() {
      stopping.abort();
      return running;
    },
  };
}
