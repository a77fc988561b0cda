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
 * Checks that the stream holding the timers is still the one they were set in, and replays all orders if it is not, for
 * example after a lost disk or a restore from an old backup. This needs no database: every timer was set after the
 * consumer of orders was created, so a stream that is younger than the consumer, or has become shorter, lacks timers.
 * The consumer is then deleted; the listener creates it again and starts from the first order in the stream.
 *
 * Orders whose time was up long ago get another `expiration.completed`, which orders ignores. Timers can still be
 * missed if the stream is replaced by an older copy while this process is down; the sweep in orders covers those.
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

  async function listeningSince(): Promise<number> {
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
    if (shorter || (await listeningSince()) < Date.parse(created)) {
      logger.warn({ created, lastSequence: state.last_seq, reached }, 'timers were lost; replaying all orders');
      await bus.jsm.consumers.delete('orders', 'expiration').catch((error) => {
        if (!isCalled(error, consumerNotFound) && !isCalled(error, streamNotFound)) throw error;
      });
    }
    reached = state.last_seq;
  };
}
