import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Announcer } from '../contracts/event.ts';
import { type Bus, connectBus } from './bus.ts';
import { type KeeperAnswer, KeeperRequest, keeperSubject } from './keeper-requests.ts';
import { type BusUser, keeperName } from './permissions.ts';
import {
  ensureConsumer,
  ensureDeadLetters,
  ensureRetries,
  ensureStream,
  retryStream,
  type StreamSettings,
} from './topology.ts';

export interface KeeperOptions {
  /** Connected as the keeper, the one user that may create streams and consumers. */
  readonly bus: Bus;
  readonly users: readonly BusUser[];
  readonly stream: StreamSettings;
  readonly logger: Logger;
}

/** The keeper, in whichever process it runs. */
export interface Keeper {
  /** Begins to connect, and goes on until it succeeds. May be called again. */
  start(): void;
  stop(): Promise<void>;
}

export interface ConnectingKeeperOptions extends Omit<KeeperOptions, 'bus'> {
  readonly url: string;
  readonly seed: string;
}

/** A keeper with a connection of its own, which may wait for a server that is not there yet. */
export function connectingKeeper({ url, seed, ...options }: ConnectingKeeperOptions): Keeper {
  const stopping = new AbortController();
  let running: Promise<Bus | undefined> | undefined;

  async function connect(): Promise<Bus | undefined> {
    while (!stopping.signal.aborted) {
      const bus = await connectBus(url, keeperName, { seed, asksKeeper: false }).catch(() => undefined);
      if (bus) keepTopology({ bus, ...options });
      if (bus) return bus;
      await sleep(100, undefined, { signal: stopping.signal }).catch(() => {});
    }
    return undefined;
  }

  return {
    start() {
      running ??= connect();
    },
    async stop() {
      stopping.abort();
      await (await running)?.connection.close();
    },
  };
}

/** A service asked for what is not its own. */
class NotYours extends Error {}

/**
 * Makes the streams and consumers that services ask for, each its own and in the one form that the platform uses.
 *
 * NATS cannot limit what a configuration contains: whoever may create or update a stream or a consumer can have it
 * republish or deliver its messages on any subject, and so announce in the name of another service. Hence no service
 * may, and asks here instead. Several keepers share the requests; without one, what exists works on, and services wait
 * for what does not exist.
 */
export function keepTopology({ bus, users, stream, logger }: KeeperOptions): void {
  for (const user of users) {
    bus.connection.subscribe(keeperSubject(user.name), {
      queue: 'keepers',
      callback: (error, message) => void (error === null && answer(user, message)),
    });
  }

  async function answer(user: BusUser, message: Msg): Promise<void> {
    let error: KeeperAnswer['error'];
    try {
      await make(user, KeeperRequest.parse(message.json()));
    } catch (cause) {
      error = reasonOf(cause);
      if (error.code === undefined)
        logger.error({ err: cause, service: user.name }, 'could not make what was asked for');
    }
    message.respond(JSON.stringify({ error } satisfies KeeperAnswer));
  }

  async function make({ name, announces, listensTo }: BusUser, request: KeeperRequest): Promise<void> {
    if (request.make === 'stream') {
      if (!announces) throw new NotYours(`${name} announces nothing`);
      // A user that announces has the name of its stream.
      return ensureStream(bus, name as Announcer, stream);
    }
    if (listensTo.length === 0) throw new NotYours(`${name} listens to nobody`);
    if (request.make === 'dead letters') return ensureDeadLetters(bus, name, stream);
    if (request.make === 'retries') return ensureRetries(bus, name, stream);
    const { subjects, ackWaitMs } = request;
    const from = [...listensTo, retryStream].find((it) => it === request.stream);
    if (!from) throw new NotYours(`${name} does not listen to ${request.stream}`);
    const isItsOwn = (it: string) =>
      from === retryStream ? it === `${retryStream}.${name}.>` : new RegExp(`^${from}\\.\\*\\.[\\w-]+$`).test(it);
    if (!subjects.every(isItsOwn)) throw new NotYours(`${name} may not receive ${subjects.join(', ')}`);
    await ensureConsumer(bus, from as Announcer | typeof retryStream, name, subjects, { ...stream, ackWaitMs });
  }
}

function reasonOf(cause: unknown): NonNullable<KeeperAnswer['error']> {
  const message = Error.isError(cause) ? cause.message : String(cause);
  const code = Error.isError(cause) && 'code' in cause ? cause.code : undefined;
  return typeof code === 'number' ? { message, code } : { message };
}
