import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A connection to NATS with its JetStream API. It reconnects by itself for as long as the process lives. */
export interface Bus {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

/**
 * Connects to NATS; `name` is what `nats server report connections` shows.
 *
 * @throws when no server answers within 2 s, so that the caller can say what it waits for and try again
 */
export async function connectBus(url: string, name: string): Promise<Bus> {
  const { protocol, host, username, password } = new URL(url);
  const connection = await connect({
    servers: `${protocol}//${host}`,
    name,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
    timeout: 2_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  try {
    return {
      connection,
      js: jetstream(connection, { timeout: 5_000 }),
      jsm: await jetstreamManager(connection, { timeout: 5_000 }),
      close: () => connection.drain(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
