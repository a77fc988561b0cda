import { jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';

/** Holds back what a service hears of another, without disturbing either; not repeated when a fault hinders it. */
export type HoldNews = (stream: string, service: string, forMs: number) => Promise<void>;

export const newsAt =
  (operator: ConnectionOptions): HoldNews =>
  async (stream, service, forMs) => {
    const connection = await connect(operator).catch(() => undefined);
    try {
      const manager = connection && (await jetstreamManager(connection));
      await manager?.consumers.pause(stream, service, new Date(Date.now() + forMs));
    } catch {
      // The broker, or the consumer, is away.
    } finally {
      await connection?.close();
    }
  };
