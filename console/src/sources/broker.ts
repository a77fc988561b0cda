import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { consoleName } from '@box-office/common/messaging/nats-users';
import { away } from '../refused.ts';

/** The connection to NATS, which is made as soon as the broker answers, and kept. */
export interface Broker {
  /** @throws Refused 503 while the broker does not answer */
  bus(): Bus;
  /** Resolves once there is a connection, or `signal` fires. */
  connected(signal: AbortSignal): Promise<Bus | undefined>;
  close(): Promise<void>;
}

const retryAfterMs = 500;

export interface BrokerAccess {
  /** Of the user `console`. */
  readonly seed: string | undefined;
  readonly caFile: string | undefined;
}

export function broker(url: string, access: BrokerAccess): Broker {
  const closing = new AbortController();
  let bus: Bus | undefined;
  const connecting = (async () => {
    while (!closing.signal.aborted) {
      try {
        // It makes no stream and no durable consumer.
        bus = await connectBus(url, consoleName, { ...access, asksKeeper: true });
        return bus;
      } catch {
        await sleep(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
    return undefined;
  })();
  return {
    bus() {
      if (!bus || bus.connectedSince() === null) throw away('NATS does not answer.');
      return bus;
    },
    async connected(signal) {
      const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
      return Promise.race([connecting, stopped]);
    },
    async close() {
      closing.abort();
      const connected = await connecting;
      await connected?.connection.close();
    },
  };
}
