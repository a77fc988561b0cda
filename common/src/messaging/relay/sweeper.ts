import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { anyWaiting, type Outboxes, readOutbox } from './outboxes.ts';
import type { RelayQueue } from './queue.ts';

/** Documents that the database hands over at once: it reads the next of them while two rounds of events wait. */
const sweptTogether = 250;
/**
 * How long a sweep goes by what it asked once. What it has yet to read may have been announced meanwhile by whoever changed it; sent again within the stream's
 * `duplicate_window` (10 min), it is dropped.
 */
const sweptAnewMs = 5 * 60_000;
/** An aggregate that changed less than this ago is likely being announced right now by whoever changed it. */
const sweepAgeMs = 2_000;

export interface SweeperOptions {
  readonly outboxes: Outboxes;
  readonly queue: RelayQueue;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Finds what a crash, or a queue that was full, has left in the outboxes. */
export interface Sweeper {
  /** Offers what lies there since then or longer, no faster than it leaves. Never rejects: a database that is away is asked again next time. */
  sweep(olderThan: Date): Promise<void>;
  /** Sweeps regularly, unless a round waits already, until the signal fires. */
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

  /** Says whether it came to the end. */
  async function sweepSome(collection: string, olderThan: Date): Promise<boolean> {
    const until = performance.now() + sweptAnewMs;
    // Whole documents: they are little more than their outboxes, and SecantusDB takes twice as long to leave something out.
    const left = outboxes.documents(collection).find(anyWaiting, { batchSize: sweptTogether });
    for await (const document of left) {
      const { data, error } = readOutbox(document);
      const [oldest] = data?.outbox ?? [];
      if (error) {
        const reason = z.prettifyError(error);
        logger.error({ collection, id: document._id, reason }, 'left an outbox alone that cannot be read');
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
