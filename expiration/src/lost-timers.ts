import type { Bus } from '@box-office/common/messaging/bus';
import {
  consumerNotFound,
  ensureStream,
  isCalled,
  type StreamSettings,
  streamNotFound,
} from '@box-office/common/messaging/topology';
import type { Logger } from 'pino';

/**
 * Looks whether the stream that holds the timers is still the one that they were set in, and has every order heard again when it is not: a lost disk, an old backup.
 * It has no database to remember that in and needs none: what it has heard, it has heard since its consumer was made, so a stream that is younger than the consumer,
 * or has become shorter, lacks timers. The consumer is taken away; the listener makes it again, and begins with the first order that is kept.
 *
 * An order whose time was up long ago is told so once more, which orders know to ignore. One timer may slip through, when the stream is replaced by an older copy
 * while this process is down: orders look after every order past its deadline.
 */
export function lostTimers(bus: Bus, settings: StreamSettings, logger: Logger): () => Promise<void> {
  let reached = 0;

  async function streamInfo() {
    try {
      return await bus.jsm.streams.info('expiration');
    } catch (error) {
      if (!isCalled(error, streamNotFound)) throw error;
      await ensureStream(bus, 'expiration', settings);
      return bus.jsm.streams.info('expiration');
    }
  }

  async function hearingSince(): Promise<number> {
    try {
      return Date.parse((await bus.jsm.consumers.info('orders', 'expiration')).created);
    } catch (error) {
      if (isCalled(error, streamNotFound) || isCalled(error, consumerNotFound)) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  return async () => {
    const { created, state } = await streamInfo();
    const shorter = state.last_seq < reached;
    if (shorter || (await hearingSince()) < Date.parse(created)) {
      logger.warn({ created, lastSequence: state.last_seq, reached }, 'timers were lost; hears all orders again');
      await bus.jsm.consumers.delete('orders', 'expiration').catch((error) => {
        if (!isCalled(error, consumerNotFound) && !isCalled(error, streamNotFound)) throw error;
      });
    }
    reached = state.last_seq;
  };
}
