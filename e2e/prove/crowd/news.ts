import type { ConnectionOptions } from '@nats-io/transport-node';
import { withJetStream } from '../../support/jetstream.ts';

/** Holds back what a service hears of another, without disturbing either; not repeated when a fault hinders it. */
export type HoldNews = (stream: string, service: string, forMs: number) => Promise<void>;

export const newsAt =
  (operator: ConnectionOptions): HoldNews =>
  async (stream, service, forMs) => {
    const until = new Date(Date.now() + forMs);
    await withJetStream(operator, (manager) => manager.consumers.pause(stream, service, until)).catch(() => undefined);
  };
