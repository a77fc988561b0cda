import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Announcer } from '../../contracts/event.ts';
import type { Announcements } from '../../store/outbox.ts';
import { type Bus, untilConnected } from '../bus.ts';
import { ensureStream, type StreamSettings } from '../topology.ts';
import { createBookmark } from './bookmark.ts';
import { createClearer } from './clearer.ts';
import { createOutboxes } from './outboxes.ts';
import { createPublisher } from './publisher.ts';
import { createPump } from './pump.ts';
import { createQueue, type QueueLimits } from './queue.ts';
import { createRebuilder } from './rebuilder.ts';
import { createSweeper } from './sweeper.ts';

/** How long a start waits for leftover events. A few are announced before the service is up, many while it runs. */
const startWaitMs = 2_000;

export interface RelayOptions {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly announcer: Announcer;
  readonly stream: StreamSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  /** How often it looks for leftover events and checks that its stream is still the one it wrote to. Default 5 s. */
  readonly sweepEveryMs?: number;
  /** Limits of its memory. Default: 10 000 events and 16 MiB. */
  readonly limits?: QueueLimits;
}

/**
 * Publishes the events in a service's outboxes, oldest first per aggregate, and removes those JetStream has
 * acknowledged.
 *
 * At least once: after a crash between publish and removal, or if several replicas relay the same outbox, the event is
 * sent again under the same id, which JetStream drops within its duplicate window (`duplicate_window`, 10 min).
 * Listeners handle later duplicates by comparing versions.
 *
 * It remembers which stream it wrote to and how far (see `Bookmark`). It checks the stream at start, after a reconnect
 * and every few seconds; if the stream is new or shorter, it announces again what is missing. Other replicas and later
 * processes that check too find less and less to announce.
 *
 * Its parts: the `queue` holds waiting events, the `pump` passes them round by round to the `publisher`, the `clearer`
 * removes acknowledged ones, the `sweeper` finds leftovers, and the `rebuilder` announces again.
 */
export interface Relay extends Announcements {
  /**
   * Announces every aggregate of the watched collections again, with its current state and version, so that listeners
   * that already know it change nothing. Events still in an outbox go first. Holds a few hundred documents in memory at
   * a time; resolves when JetStream has acknowledged the last.
   *
   * An aggregate that changes concurrently may be delivered at its new version before its old one. Listeners handle
   * that like any late message.
   *
   * @throws when the relay stops before the end or the database is unavailable; what was announced by then is harmless
   */
  republish(): Promise<void>;
  /** Creates the stream, starts publishing, and announces again what the stream has lost. */
  start(): Promise<void>;
  /** Resolves when all events it holds have been announced and have left the outboxes. */
  flush(): Promise<void>;
  /** Publishes waiting events for at most `withinMs`; the rest stays in the outboxes for the next process. */
  stop(withinMs: number): Promise<void>;
  /** The number of events waiting in memory. */
  waiting(): number;
  /** The time of the oldest event in any outbox, of any process; null if all are empty. */
  waitingSince(): Promise<Date | null>;
}

export function createRelay(options: RelayOptions): Relay {
  const { bus, connection, announcer, stream, logger, now, sweepEveryMs = 5_000, limits } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const queue = createQueue(signal, limits);
  const outboxes = createOutboxes(connection);
  const bookmark = createBookmark(bus, connection, announcer, stream);
  const rebuilder = createRebuilder({
    ...{ bus, announcer, bookmark, outboxes, queue, logger, signal },
    lookEveryMs: sweepEveryMs,
  });
  const publisher = createPublisher({
    ...{ bus, announcer, logger },
    reached(acknowledged) {
      // A reset stream may have grown past its old end before the next check, so its assigned sequences are checked
      // too.
      if (!bookmark.reached(acknowledged)) rebuilder.checkNow();
    },
  });
  const clearer = createClearer({
    ...{ logger, signal },
    documents: outboxes.documents,
    keep: bookmark.keep,
    cleared: queue.forget,
  });
  const sweeper = createSweeper({ outboxes, queue, logger, now, signal, everyMs: sweepEveryMs });
  const pump = createPump({
    ...{ queue, publisher, clearer, logger, signal },
    connected: () => untilConnected(bus, signal),
    async recover() {
      await ensureStream(bus, announcer, stream).catch(() => {});
      rebuilder.checkNow();
    },
  });
  let running: Promise<unknown> = Promise.resolve();

  return {
    offer: (collection, id, outbox, version) => queue.offer(collection, id, outbox, version) === outbox.length,
    watch: outboxes.watch,
    republish: rebuilder.republish,
    waiting: queue.waiting,
    waitingSince: outboxes.waitingSince,

    async start() {
      await ensureStream(bus, announcer, stream);
      const reason = await bookmark.check();
      const swept = sweeper.sweep(now());
      const recovered = swept.then(() => rebuilder.republishMissing(reason));
      running = Promise.all([pump(), clearer.run(), swept.then(sweeper.run), recovered.then(rebuilder.run)]);
      await Promise.race([recovered, sleep(startWaitMs, undefined, { ref: false })]);
    },

    async flush() {
      while (!queue.isIdle()) {
        if (queue.waiting() === 0) await clearer.clear();
        await sleep(5);
      }
    },

    async stop(withinMs) {
      stopping.abort();
      await Promise.race([running, sleep(withinMs, undefined, { ref: false })]);
      queue.close();
    },
  };
}
