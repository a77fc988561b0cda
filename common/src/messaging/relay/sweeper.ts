import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { clearEveryMs } from './clearer.ts';
import { anyWaiting, type Outboxes, readOutbox } from './outboxes.ts';
import type { RelayQueue } from './queue.ts';

/** Documents per database batch: the next batch is read while two rounds of events wait. */
const sweptTogether = 250;
/**
 * How long a sweep uses one query before it starts again. Documents not read yet may have been published meanwhile;
 * sent again within the stream's `duplicate_window` (10 min), they are dropped.
 */
const sweptAnewMs = 5 * 60_000;
/**
 * An event younger than this is probably still being announced by the process that stored it, or waits to be cleared
 * together with others.
 */
const sweepAgeMs = clearEveryMs + 2_000;

export interface SweeperOptions {
  readonly outboxes: Outboxes;
  readonly queue: RelayQueue;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Finds events that a crash or a full queue has left in the outboxes. */
export interface Sweeper {
  /** Offers events at least that old, no faster than they are published. Never rejects: the next sweep tries again. */
  sweep(olderThan: Date): Promise<void>;
  /** Sweeps regularly, unless a full round is waiting, until the signal fires. */
  run(): Promise<void>;
}

export function createSweeper({ outboxes, queue, logger, now, everyMs, signal }: SweeperOptions): Sweeper {
  async function sweep(olderThan: Date): Promise<void> {
    try {
      for (const collection of outboxes.watched().keys()) while (!(await sweepSome(collection, olderThan)));
    } catch (error) {
      logger.warn({ err: error }, 'could not look for leftover events yet');
    }
  }

  /** Resolves with whether it reached the end. */
  async function sweepSome(collection: string, olderThan: Date): Promise<boolean> {
    const until = performance.now() + sweptAnewMs;
    // Whole documents: they are little more than their outboxes, and SecantusDB takes twice as long with a projection.
    const left = outboxes.documents(collection).find(anyWaiting, { batchSize: sweptTogether });
    for await (const document of left) {
      const { data, error } = readOutbox(document);
      const [oldest] = data?.outbox ?? [];
      if (error) {
        const reason = z.prettifyError(error);
        logger.error({ collection, id: document._id, reason }, 'skipped an unreadable outbox');
      } else if (oldest && oldest.time <= olderThan.toISOString()) {
        await queue.offerAll(collection, document._id, data.outbox, data.version);
      }
      if (signal.aborted) return true;
      if (performance.now() > until) return false;
    }
    return true;
  }

  return {
    sweep,

    async run() {
      while (!signal.aborted) {
        await sleep(everyMs, undefined, { signal }).catch(() => {});
        if (signal.aborted || queue.isFull()) continue;
        await sweep(new Date(now().getTime() - sweepAgeMs));
      }
    },
  };
}
