import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { authenticatorOf } from './nkey.ts';

/** A connection to NATS with its JetStream API. It reconnects automatically for as long as the process lives. */
export interface Bus {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /**
   * Whether it asks the keeper for its streams and consumers (see `keepTopology`), as services do. Otherwise it makes
   * them itself, which NATS allows the keeper and tests only.
   */
  readonly asksKeeper: boolean;
  /** Since when the connection has been up without interruption, in Unix ms; null while it is down. */
  connectedSince(): number | null;
  /** Resolves when the connection breaks or is closed; at once while it is down. */
  untilLost(): Promise<void>;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** The seed of the nkey that identifies this process, `SU…`. A user and password in the address take precedence. */
  readonly seed?: string | undefined;
  /**
   * The file with the certificate of the authority that vouches for the server. With it the connection is encrypted, or
   * refused where the server has no TLS.
   */
  readonly caFile?: string | undefined;
  /** How long the server may take to answer. 2 s by default, which is for those who try again. */
  readonly withinMs?: number;
  /** See `Bus.asksKeeper`; by default whoever has a seed asks. */
  readonly asksKeeper?: boolean;
}

/** The options of a connection to the server at `url`, as the user that `seed` or the address identifies. */
export function natsOptions(
  url: string,
  name: string,
  { seed, caFile }: Pick<BusOptions, 'seed' | 'caFile'> = {},
): ConnectionOptions {
  const { protocol, host, username, password } = new URL(url);
  return {
    servers: `${protocol}//${host}`,
    name,
    // A user may receive answers below this prefix only, so that nobody reads the answers to others.
    inboxPrefix: inboxOf(name),
    ...(caFile || protocol === 'tls:' ? { tls: caFile ? { caFile } : {} } : {}),
    ...(username
      ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
      : seed && { authenticator: authenticatorOf(seed) }),
  };
}

/** The prefix of the subjects on which a user receives answers. */
export const inboxOf = (name: string): string => `_INBOX.${name}`;

/**
 * Connects to NATS; `name` is that of the user, and what `nats server report connections` shows.
 *
 * @throws when no server answers within `withinMs`, or it refuses the user, so that the caller can log what it is
 *   waiting for and retry
 */
export async function connectBus(
  url: string,
  name: string,
  { seed, caFile, withinMs = 2_000, asksKeeper = seed !== undefined }: BusOptions = {},
): Promise<Bus> {
  const connection = await connect({
    ...natsOptions(url, name, { seed, caFile }),
    timeout: withinMs,
    maxReconnectAttempts: -1,
    // A server may come back before its users do.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  const watched = watchConnection(connection);
  try {
    return {
      connection,
      ...watched,
      asksKeeper,
      js: jetstream(connection, { timeout: 5_000 }),
      jsm: await jetstreamManager(connection, { timeout: 5_000 }),
      // What is buffered cannot be sent while no server is there.
      close: () => connection.drain().catch(() => connection.close()),
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

/**
 * What is asked of JetStream while the connection breaks would fail only at its timeout, like what is asked while it is
 * down.
 *
 * @throws what `asked` throws, or at once when the connection breaks
 */
export async function unlessLost<Result>(bus: Pick<Bus, 'untilLost'>, asked: Promise<Result>): Promise<Result> {
  const lost = bus.untilLost().then(() => {
    throw new Error('the connection to NATS broke');
  });
  return Promise.race([asked, lost]);
}

function watchConnection(connection: NatsConnection): Pick<Bus, 'connectedSince' | 'untilLost'> {
  let since: number | null = Date.now();
  let lost = Promise.withResolvers<void>();
  const lose = () => {
    since = null;
    lost.resolve();
  };
  const watch = async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') lose();
      // A dial that breaks half-way is announced twice.
      if (type === 'reconnect' && since === null) {
        since = Date.now();
        lost = Promise.withResolvers<void>();
      }
    }
    lose();
  };
  void watch();
  return { connectedSince: () => since, untilLost: () => lost.promise };
}
