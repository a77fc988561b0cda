import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Announcer } from '../../contracts/event.ts';
import type { Announcements } from '../../store/outbox.ts';
import type { Bus } from '../bus.ts';
import { ensureStream, type StreamSettings } from '../topology.ts';
import { createBookmark } from './bookmark.ts';
import { createClearer } from './clearer.ts';
import { createOutboxes } from './outboxes.ts';
import { createPublisher } from './publisher.ts';
import { createPump } from './pump.ts';
import { createQueue, type QueueLimits } from './queue.ts';
import { createRebuilder } from './rebuilder.ts';
import { createSweeper } from './sweeper.ts';

/** How long a start waits for what was left behind. A little is announced before the service takes part, and much beside it. */
const startWaitMs = 2_000;

export interface RelayOptions {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly announcer: Announcer;
  readonly stream: StreamSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  /** How often it looks for events that a crash has left behind, and whether its stream is still the one it wrote to. Default 5 s. */
  readonly sweepEveryMs?: number;
  /** What it holds in memory at most. Default: 10 000 events and 16 MiB. */
  readonly limits?: QueueLimits;
}

/**
 * Publishes what a service has written to its outboxes, oldest first per aggregate, and removes what JetStream has acknowledged.
 *
 * At least once: a crash after the publish and before the removal sends the event again under the same id, which JetStream drops within its duplicate window
 * (`duplicate_window`, 10 min). Listeners must cope with what slips past it, and do: they compare versions.
 * Several replicas may relay the same outbox at once; the same holds for them.
 *
 * It remembers which stream it wrote to and how far (see `Bookmark`). At its start, when the connection comes back, and every few seconds it looks at the stream:
 * when that is a new one, or shorter, it announces again what the stream does not hold. Whoever looks later, another replica or the next process, finds less and less to announce.
 *
 * Its parts: the `queue` holds what waits, the `pump` hands it round by round to the `publisher`, the `clearer` removes what was acknowledged, the `sweeper` finds leftovers,
 * and the `rebuilder` announces again.
 */
export interface Relay extends Announcements {
  /**
   * Announces every aggregate of the watched collections again, as it is now and at the version it has, so that it changes nothing where it is known already.
   * What still waits in an outbox goes before it. Holds a few hundred documents at a time, whatever their number; resolves when JetStream has acknowledged the last.
   *
   * An aggregate that changes in the very moment, here or in another replica, may be heard at its new version first and at its old one afterwards.
   * Listeners bear that, as they bear every late message.
   *
   * @throws when the relay stops before the end, or the database is away; what was announced by then does no harm
   */
  republish(): Promise<void>;
  /** Makes the stream, begins to publish, and announces again what the stream has lost. */
  start(): Promise<void>;
  /** Resolves when it holds nothing any more: all that it took over is announced, and has left the outboxes. */
  flush(): Promise<void>;
  /** Publishes what waits, if the bus answers within `withinMs`; what is left stays in the outboxes for the next process. */
  stop(withinMs: number): Promise<void>;
  /** How many events wait in memory. */
  waiting(): number;
  /** When the oldest event happened that still lies in an outbox, whichever process is to publish it; null when all are empty. */
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
    reached(sequences) {
      // A stream that has gone back may have grown beyond where it was before anybody looks, so it is told by what it gives out.
      if (!bookmark.reached(sequences)) rebuilder.lookNow();
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
    async recover() {
      await ensureStream(bus, announcer, stream).catch(() => {});
      rebuilder.lookNow();
    },
  });
  let running: Promise<unknown> = Promise.resolve();

  return {
    offer: (collection, id, outbox, version) => void queue.offer(collection, id, outbox, version),
    watch: outboxes.watch,
    republish: rebuilder.republish,
    waiting: queue.waiting,
    waitingSince: outboxes.waitingSince,

    async start() {
      await ensureStream(bus, announcer, stream);
      const reason = await bookmark.look();
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
