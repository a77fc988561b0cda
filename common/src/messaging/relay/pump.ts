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
  /** Runs after a failure and the pause that follows it: what can be done about it. Never rejects. */
  readonly recover: () => Promise<void>;
}

/** Publishes what waits, round after round, until the signal has fired and nothing waits any more. */
export function createPump({ queue, publisher, clearer, logger, signal, recover }: PumpOptions): () => Promise<void> {
  /** Rounds that could not be published, one after the other. */
  let failures = 0;

  /** Never rejects: what could not be published is put back, and for a while nothing more is sent. */
  async function publishRound(round: readonly Entry[], before: Promise<unknown>): Promise<void> {
    const { published, failed } = await publisher.publish(round, before);
    clearer.add(queue.acknowledge(published));
    const hopeless = failed.filter(cannotBeSent);
    const later = failed.filter((it) => !cannotBeSent(it));
    queue.putBack(later.map(({ entry }) => entry));
    if (hopeless.length > 0) giveUp(hopeless);
    if (later.length > 0) await pause(later);
    else failures = 0;
    await clearer.clearIfMany();
  }

  /** They stay in their outboxes, and the next sweep tries them again. */
  function giveUp(hopeless: readonly Failed[]): void {
    queue.letGo(hopeless.map(({ entry }) => entry));
    for (const { entry, error } of hopeless) {
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
      // Only a full round is sent while another one is on its way: what comes meanwhile makes the next one larger.
      if (!queue.isFull()) await before;
      if (queue.waiting() === 0) {
        if (signal.aborted) break;
        await queue.until(() => queue.waiting() > 0);
        continue;
      }
      const round = queue.takeRound();
      const published = round.length > 0 ? publishRound(round, before) : undefined;
      await before;
      before = published ?? before;
      // What was sent ahead is committed before the next is sent.
      await immediate();
    }
    await clearer.clear();
  };
}
