import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A connection to NATS with its JetStream API. It reconnects automatically for as long as the process lives. */
export interface Bus {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Since when the connection has been up without interruption, in Unix ms; null while it is down. */
  connectedSince(): number | null;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

/**
 * Connects to NATS; `name` is what `nats server report connections` shows.
 *
 * @throws when no server answers within 2 s, so that the caller can log what it is waiting for and retry
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
  const connectedSince = watchConnection(connection);
  try {
    return {
      connection,
      connectedSince,
      js: jetstream(connection, { timeout: 5_000 }),
      jsm: await jetstreamManager(connection, { timeout: 5_000 }),
      close: () => connection.drain(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

const lookEveryMs = 20;

/**
 * Resolves once the connection is up, or `signal` fires. What is asked of JetStream while it is down is lost and fails
 * only at its timeout of 5 s, even if the server is back after a moment.
 */
export async function untilConnected({ connectedSince }: Pick<Bus, 'connectedSince'>, signal: AbortSignal) {
  while (connectedSince() === null && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

function watchConnection(connection: NatsConnection): () => number | null {
  let since: number | null = Date.now();
  const watch = async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') since = null;
      if (type === 'reconnect') since = Date.now();
    }
    since = null;
  };
  void watch();
  return () => since;
}
