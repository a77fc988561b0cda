import { setTimeout as sleep } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Announcer, EventContract, Snapshot } from '../contracts/event.ts';
import { subjectsOf } from '../contracts/event.ts';
import { orderOf } from '../contracts/order-of.ts';
import { aboutOrder } from '../telemetry/span.ts';
import { type Bus, unlessLost, untilConnected } from './bus.ts';
import { deadLetterMetrics } from './dead-letter-metrics.ts';
import { bury, originalSubject } from './dead-letters.ts';
import { fromMessage, type ReceivedEvent } from './envelope.ts';
import { keyedQueue } from './keyed-queue.ts';
import { listenerMetrics } from './listener-metrics.ts';
import { type Delivery, type Reading, startReading, type UnderWay } from './reading.ts';
import { ForAnotherRelease, Malformed, retryDelays } from './retry-delays.ts';
import { delivering, type Outcome } from './spans.ts';
import {
  defaultAckWaitMs,
  ensureConsumer,
  ensureDeadLetters,
  ensureRetries,
  retryStream,
  type StreamSettings,
} from './topology.ts';

/** Handles one kind of event. Made by `on`. */
export interface Listener {
  readonly contract: EventContract;
  readonly handle: (message: JsMsg) => Promise<void>;
}

/**
 * Declares a listener. The handler gets a parsed event. It may run more than once for an event, and events may be late
 * or skipped; the result must be the same. When it returns, the message is acknowledged; when it throws, it is retried
 * (see `listen`).
 */
export function on<Data extends Snapshot>(
  contract: EventContract<Data>,
  handler: (event: ReceivedEvent<Data>) => Promise<void>,
): Listener {
  return {
    contract,
    async handle(message) {
      let event: ReceivedEvent<Data>;
      try {
        event = fromMessage(contract, message);
      } catch (error) {
        throw new Malformed(error);
      }
      aboutOrder(orderOf(event.type, event.data));
      await handler(event);
    },
  };
}

/**
 * Thrown by a handler that needs its message again later, for example because another system is unreachable. It may be
 * thrown any number of times: it does not count as a failed try (see `Tries`).
 */
export class NotYet extends Error {
  readonly delayMs: number;
  constructor(delayMs: number) {
    super(`not yet: again in ${delayMs} ms`);
    this.delayMs = delayMs;
  }
}

export interface ListenOptions {
  readonly bus: Bus;
  /** The listening service; also the name of its durable consumer on each stream. */
  readonly service: string;
  readonly listeners: readonly Listener[];
  readonly stream: StreamSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Counts dead letters and waiting messages, if given. */
  readonly metrics?: Registry;
  /** Resolves once the handlers' store is reachable. Until then handlers wait instead of failing. */
  readonly storeReady?: (signal: AbortSignal) => Promise<void>;
  /** Whether an error means that the store was unavailable, and says nothing about the message. */
  readonly isStoreAway?: (error: unknown) => boolean;
  /**
   * The delay before each retry, in ms; when the last one fails, the message becomes a dead letter. Default: 5 retries
   * within 37 s.
   */
  readonly retryAfterMs?: readonly number[];
  /** Messages handled concurrently; those of one aggregate always in sequence. Default 50. */
  readonly concurrency?: number;
}

export interface Listening {
  /** Resolves once all consumers exist and are being read. */
  readonly ready: Promise<void>;
  /** Streams that do not exist yet. */
  waitingFor(): string[];
  /** Takes no further messages, finishes the current ones, and resolves. */
  stop(): Promise<void>;
}

/** A stream and the subjects to read from it. */
interface Source {
  readonly stream: Announcer | typeof retryStream;
  readonly subjects: readonly string[];
}

/**
 * Receives the events of `listeners` through one durable consumer per stream, which all replicas of the service share,
 * and the service's retried dead letters.
 *
 * A message is acknowledged after its handler returns, so after a crash it is redelivered (at least once, after
 * `ack_wait`), and likewise after the connection broke meanwhile. A handler that throws is retried with growing delays.
 * A message that cannot be parsed or fails its last try is stored in the stream `dead-letters` with the reason, and
 * only then dropped; what only another release of the service listens to is left to that for a quarter of an hour
 * first. It does not block other messages. A missing stream or consumer is re-created or waited for.
 */
export function listen({
  bus,
  service,
  listeners,
  stream: streamSettings,
  logger,
  now,
  metrics,
  storeReady = async () => {},
  isStoreAway = () => false,
  retryAfterMs = [100, 1_000, 5_000, 10_000, 20_000],
  concurrency = 50,
}: ListenOptions): Listening {
  const stopping = new AbortController();
  const queue = keyedQueue(concurrency);
  const sources: Source[] = [...Map.groupBy(listeners, ({ contract }) => contract.announcedBy)].map(
    ([stream, own]) => ({
      stream,
      subjects: own.map(({ contract }) => subjectsOf(contract)),
    }),
  );
  if (sources.length > 0) sources.push({ stream: retryStream, subjects: [`${retryStream}.${service}.>`] });
  const countBuried = deadLetterMetrics({
    bus,
    service,
    types: listeners.map(({ contract }) => contract.type),
    // Who hears nothing buries nothing, and may not ask for the dead letters.
    metrics: sources.length > 0 ? metrics : undefined,
  });
  const missing = new Set<string>(sources.map(({ stream }) => stream));
  if (metrics) listenerMetrics(bus, service, [...missing], metrics);
  const open = new Set<Reading>();
  const underWay: UnderWay = new Map();
  /** Whose streams and consumers were there, as far as is known. */
  const made = new Set<Source>();
  const delays = retryDelays(retryAfterMs);
  const asked = new Set(sources.flatMap(({ subjects }) => subjects));
  const ready = Promise.withResolvers<void>();
  if (missing.size === 0) ready.resolve();

  function unheard({ subject, headers }: JsMsg): Error {
    const [stream, , what] = subject.split('.');
    const Reason = stream === retryStream || asked.has(`${stream}.*.${what}`) ? Malformed : ForAnotherRelease;
    return new Reason(`no listener for ${headers?.get('ce-type') || 'a message without ce-type'}`);
  }

  /** Runs one handler, and repeats it while the store is unavailable. */
  async function handle(listener: Listener, message: JsMsg): Promise<void> {
    for (;;) {
      await storeReady(stopping.signal);
      try {
        return await listener.handle(message);
      } catch (error) {
        if (!isStoreAway(error) || stopping.signal.aborted) throw error;
        await sleep(200);
      }
    }
  }

  async function process(listener: Listener | undefined, delivery: Delivery): Promise<Outcome> {
    const { message, answer } = delivery;
    const heartbeat = setInterval(() => answer.working(), (streamSettings.ackWaitMs ?? defaultAckWaitMs) / 3);
    try {
      if (!listener) throw unheard(message);
      await handle(listener, message);
      delays.over(message);
      answer.ack();
      return 'handled';
    } catch (error) {
      if (stopping.signal.aborted && isStoreAway(error)) {
        answer.nak();
        return 'returned';
      }
      if (!(error instanceof NotYet)) return retryOrBury(listener, delivery, error);
      answer.nak(error.delayMs);
      return 'postponed';
    } finally {
      clearInterval(heartbeat);
    }
  }

  async function retryOrBury(
    listener: Listener | undefined,
    { message, answer }: Delivery,
    error: unknown,
  ): Promise<Outcome> {
    const { deliveryCount, stream } = message.info;
    const about = {
      err: error,
      subject: message.subject,
      eventId: message.headers?.get('ce-id'),
      deliveries: deliveryCount,
    };
    const delay = delays.after(error, message);
    if (delay !== undefined) {
      logger.warn(about, 'could not handle an event; will try again');
      answer.nak(delay);
      return 'retried';
    }
    try {
      await bury(bus, service, message, error, now());
      countBuried(listener?.contract.type);
      logger.error(about, `gave up an event of ${stream}; it is in the dead letters`);
      delays.over(message);
      answer.term('dead letter');
      return 'dead-letter';
    } catch (buryError) {
      logger.error({ ...about, buryError }, 'could not put an event into the dead letters; will try again');
      await ensureDeadLetters(bus, service, streamSettings).catch(() => {});
      answer.nak(1_000);
      return 'retried';
    }
  }

  async function make({ stream, subjects }: Source): Promise<void> {
    await ensureDeadLetters(bus, service, streamSettings);
    if (stream === retryStream) await ensureRetries(bus, service, streamSettings);
    await ensureConsumer(bus, stream, service, subjects, streamSettings);
  }

  async function read(source: Source): Promise<void> {
    const { stream } = source;
    if (!made.has(source)) await unlessLost(bus, make(source));
    const reading = await startReading(bus, { ...source, consumer: service, most: 2 * concurrency, underWay });
    made.add(source);
    open.add(reading);
    if (stopping.signal.aborted) void reading.drain();
    try {
      missing.delete(stream);
      if (missing.size === 0) ready.resolve();
      for await (const delivery of reading.deliveries) {
        const { message, answer, done } = delivery;
        if (stopping.signal.aborted) {
          // Fetched but not started: returned, so that another replica gets it now instead of after ack_wait.
          answer.nak();
          done();
          continue;
        }
        const [announcer, aggregate] = originalSubject(message.subject).split('.');
        const listener = listeners.find(
          ({ contract }) => contract.type === message.headers?.get('ce-type') && contract.announcedBy === announcer,
        );
        const run = () => delivering(service, message, () => process(listener, delivery)).finally(done);
        queue.add(aggregate ?? message.subject, run);
        await queue.capacity();
      }
    } finally {
      open.delete(reading);
    }
  }

  async function keepReading(source: Source): Promise<void> {
    let failures = 0;
    for (;;) {
      await untilConnected(bus, stopping.signal);
      if (stopping.signal.aborted) return;
      const startedAt = Date.now();
      try {
        await read(source);
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (Date.now() - startedAt > 10_000) failures = 0;
        if (failures++ === 0) logger.info({ reason: String(error) }, `waiting for the stream ${source.stream}`);
        made.delete(source);
        missing.add(source.stream);
      }
      await sleep(Math.min(25 * 2 ** failures, 1_000), undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const reading = Promise.all(sources.map(keepReading));

  return {
    ready: ready.promise,
    waitingFor: () => [...missing].map((stream) => `stream ${stream}`),
    async stop() {
      stopping.abort();
      await Promise.all([...open].map((reading) => reading.drain()));
      await reading;
      await queue.idle();
    },
  };
}
