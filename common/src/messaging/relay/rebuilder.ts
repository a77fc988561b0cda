import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { Announcer } from '../../contracts/event.ts';
import type { OutboxEvent } from '../../store/outbox.ts';
import { type Bus, untilConnected } from '../bus.ts';
import type { Bookmark } from './bookmark.ts';
import { askedTogether, missingFrom } from './missing.ts';
import { type Current, type Outboxes, readOutbox } from './outboxes.ts';
import type { RelayQueue } from './queue.ts';

export interface RebuilderOptions {
  readonly bus: Bus;
  readonly announcer: Announcer;
  readonly bookmark: Bookmark;
  readonly outboxes: Outboxes;
  readonly queue: RelayQueue;
  readonly logger: Logger;
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
}

/** Checks whether the stream has lost events, and announces those again. */
export interface Rebuilder {
  /** Announces everything again. @throws when the relay stops before the end, or the database is away */
  republish(): Promise<void>;
  /** Announces again what the stream lacks, if there is a reason; see `Bookmark.check`. Never rejects. */
  republishMissing(reason: string | undefined): Promise<void>;
  /** Makes the next check at once. */
  checkNow(): void;
  /** Checks regularly, until the signal fires. */
  run(): Promise<void>;
}

/** Which of a page of snapshots to announce again. */
type Choose = (snapshots: readonly OutboxEvent[]) => Promise<readonly OutboxEvent[]>;

export function createRebuilder(options: RebuilderOptions): Rebuilder {
  const { bus, announcer, bookmark, outboxes, queue, logger, lookEveryMs, signal } = options;
  let pause = new AbortController();
  let announcing: Promise<unknown> = Promise.resolve();
  const stopped = () => new Error('the relay stopped before everything was announced again');

  /** Runs one at a time. `choose` selects the snapshots to announce. */
  function announceAgain(choose: Choose): Promise<void> {
    const run = announcing.then(async () => {
      const finish = await bookmark.begin();
      await announceAll(choose);
      await finish();
    });
    announcing = run.catch(() => {});
    return run;
  }

  async function announceAll(choose: Choose): Promise<void> {
    const startedAt = performance.now();
    let [aggregates, announced] = [0, 0];
    for (const [collection, current] of outboxes.watched()) {
      const all = outboxes.documents(collection).find({}, { batchSize: askedTogether });
      for await (const page of pagesOf(all)) {
        aggregates += page.length;
        announced += await announcePage(collection, page, current, choose);
      }
    }
    await queue.until(() => queue.extras() === 0);
    if (signal.aborted) throw stopped();
    const ms = Math.round(performance.now() - startedAt);
    logger.info({ aggregates, announced, ms }, 'announced again what was missing or requested');
  }

  /** Resolves with the number of announced snapshots. Events still in an outbox go first. */
  async function announcePage(
    collection: string,
    page: readonly mongo.Document[],
    current: Current,
    choose: Choose,
  ): Promise<number> {
    const snapshots = new Map(page.map((document) => [document, snapshotsOf(collection, document, current)]));
    const chosen = new Set(await choose([...snapshots.values()].flat()));
    for (const [document, all] of snapshots) {
      const own = all.filter((it) => chosen.has(it));
      if (own.length === 0) continue;
      // The sweep logs unreadable outboxes; without a known version they are not emptied.
      const { version, outbox } = readOutbox(document).data ?? { version: -1, outbox: [] };
      const extra = new Set(own.map(({ id }) => id));
      await queue.offerAll(collection, document._id, [...outbox, ...own], version, extra);
      if (signal.aborted) throw stopped();
    }
    return chosen.size;
  }

  function snapshotsOf(collection: string, document: mongo.Document, current: Current): OutboxEvent[] {
    try {
      return current(document);
    } catch (error) {
      // An unreadable document must not keep the others from being announced.
      logger.error({ err: error, collection, id: document._id }, 'could not announce an aggregate again');
      return [];
    }
  }

  async function republishMissing(reason: string | undefined): Promise<void> {
    if (reason === undefined) return;
    logger.warn({ stream: announcer, reason }, 'announcing again what the stream lacks');
    await announceAgain((snapshots) => missingFrom(bus, announcer, snapshots)).catch((error) => {
      if (!signal.aborted) logger.warn({ err: error }, 'could not announce yet what the stream lacks');
    });
  }

  return {
    republish: () => announceAgain(async (snapshots) => snapshots),
    republishMissing,
    checkNow: () => pause.abort(),

    async run() {
      void checkAtReconnect();
      while (!signal.aborted) {
        await sleep(lookEveryMs, undefined, { signal: AbortSignal.any([signal, pause.signal]) }).catch(() => {});
        await untilConnected(bus, signal);
        if (signal.aborted) return;
        pause = new AbortController();
        const reason = await bookmark.check().catch((error) => {
          logger.debug({ err: error }, 'could not check the stream yet');
          return undefined;
        });
        await republishMissing(reason);
      }
    },
  };

  async function checkAtReconnect(): Promise<void> {
    for await (const { type } of bus.connection.status()) {
      if (signal.aborted) return;
      if (type === 'reconnect') pause.abort();
    }
  }
}

/** Pages of as many documents as are looked up in the stream at a time. */
async function* pagesOf<Document>(documents: AsyncIterable<Document>): AsyncGenerator<Document[]> {
  let page: Document[] = [];
  for await (const document of documents) {
    page.push(document);
    if (page.length < askedTogether) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
