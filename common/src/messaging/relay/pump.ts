import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clearer } from './clearer.ts';
import { cannotBeSent, type Failed, type Publisher } from './publisher.ts';
import type { Entry, RelayQueue } from './queue.ts';

export interface PumpOptions {
  readonly queue: RelayQueue;
  readonly publisher: Publisher;
  readonly clearer: Clearer;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Resolves once there is a broker to publish to, or the signal fires. Never rejects. */
  readonly connected: () => Promise<void>;
  /** Runs after a failure and the pause that follows, to repair the cause. Never rejects. */
  readonly recover: () => Promise<void>;
}

/** Publishes waiting events, round after round, until the signal has fired and nothing is waiting. */
export function createPump(options: PumpOptions): () => Promise<void> {
  const { queue, publisher, clearer, logger, signal, connected, recover } = options;
  /** Consecutive failed rounds. */
  let failures = 0;

  /** Never rejects: failed events are put back, and sending pauses. */
  async function publishRound(round: readonly Entry[], before: Promise<unknown>): Promise<void> {
    const { published, failed } = await publisher.publish(round, before);
    clearer.add(queue.acknowledge(published));
    const unsendable = failed.filter(cannotBeSent);
    const later = failed.filter((it) => !cannotBeSent(it));
    queue.putBack(later.map(({ entry }) => entry));
    if (unsendable.length > 0) giveUp(unsendable);
    if (later.length > 0) await pause(later);
    else failures = 0;
    await clearer.clearIfMany();
  }

  /** They stay in their outboxes, and the next sweep tries them again. */
  function giveUp(unsendable: readonly Failed[]): void {
    queue.drop(unsendable.map(({ entry }) => entry));
    for (const { entry, error } of unsendable) {
      const { collection, id, events } = entry;
      logger.error({ err: error, collection, id, eventId: events[0]?.id }, 'an event cannot be sent as it is');
    }
  }

  async function pause([first]: readonly Failed[]): Promise<void> {
    failures++;
    logger.warn({ err: first?.error, waiting: queue.waiting() }, 'could not publish; will try again');
    await sleep(Math.min(100 * 2 ** failures, 2_000) * (0.5 + Math.random() / 2));
    await recover();
  }

  return async () => {
    let before: Promise<unknown> = Promise.resolve();
    for (;;) {
      // While a round is in flight only a full one is sent; otherwise new events make the next round larger.
      if (!queue.isFull()) await before;
      if (queue.waiting() === 0) {
        if (signal.aborted) break;
        await queue.until(() => queue.waiting() > 0);
        continue;
      }
      await connected();
      const round = queue.takeRound();
      const published = round.length > 0 ? publishRound(round, before) : undefined;
      await before;
      before = published ?? before;
      // A round sent ahead is committed before the next one is sent.
      await immediate();
    }
    await clearer.clear();
  };
}
