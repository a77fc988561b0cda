import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Announcer } from '../contracts/event.ts';
import type { Bus } from './bus.ts';

const day = 24 * 60 * 60 * 1000;

export const deadLetterStream = 'dead-letters';

/** Where a dead letter goes that is to be tried once more: to `retries.<service>.<subject it came with>`, which that service alone hears. */
export const retryStream = 'retries';

export interface StreamSettings {
  /** Copies of the stream in a NATS cluster: 1 on one machine, 3 in production. */
  readonly replicas: number;
  /** How long a listener may stay silent about a message before it is delivered again; heartbeats extend it while a handler runs. Default 10 s. */
  readonly ackWaitMs?: number;
}

export const defaultAckWaitMs = 10_000;

/**
 * Makes or updates the stream that one service announces on. Its owner calls this at every start and whenever the stream has vanished; repeating it changes nothing.
 *
 * Events are kept for a week: long enough for a listener that was away, and no longer, because the databases are the truth.
 * `duplicate_window` is 10 minutes; what slips past it is sorted out by versions. Atomic batches need server 2.12, schedules too.
 */
export async function ensureStream(bus: Bus, owner: Announcer, { replicas }: StreamSettings): Promise<void> {
  await ensure(bus, {
    name: owner,
    subjects: [`${owner}.>`],
    num_replicas: replicas,
    max_age: nanos(7 * day),
    duplicate_window: nanos(10 * 60 * 1000),
    allow_atomic: true,
    allow_msg_schedules: owner === 'expiration',
  });
}

/** Makes or updates the stream of messages that no listener could handle. Every listening service calls this; the result is the same. */
export async function ensureDeadLetters(bus: Bus, { replicas }: StreamSettings): Promise<void> {
  await ensure(bus, {
    name: deadLetterStream,
    subjects: [`${deadLetterStream}.>`],
    num_replicas: replicas,
    max_age: nanos(90 * day),
    duplicate_window: nanos(10 * 60 * 1000),
  });
}

/**
 * Makes or updates the stream of dead letters on their way back to the listener that failed. Every listening service calls this; the result is the same.
 *
 * A work queue: what its service has dealt with is gone, so a consumer that is made anew does not hear it again. What waits for a service that is away is kept as long as a
 * dead letter is. `duplicate_window` is a day: few messages come here, and a person may ask for the same retry again much later than a program would.
 */
export async function ensureRetries(bus: Bus, { replicas }: StreamSettings): Promise<void> {
  await ensure(bus, {
    name: retryStream,
    subjects: [`${retryStream}.>`],
    retention: RetentionPolicy.Workqueue,
    num_replicas: replicas,
    max_age: nanos(90 * day),
    duplicate_window: nanos(day),
  });
}

async function ensure(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  const wanted = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    allow_direct: true,
    ...config,
  };
  try {
    await bus.jsm.streams.add(wanted);
  } catch (error) {
    if (!isCalled(error, streamExists)) throw error;
    const { name, ...changes } = wanted;
    await bus.jsm.streams.update(name, changes);
  }
}

/**
 * Makes or updates the durable consumer through which one service hears another: all replicas of the service share it, so each message goes to one of them.
 *
 * @throws StreamNotFound while the announcing service has not made its stream yet
 */
export async function ensureConsumer(
  bus: Bus,
  stream: Announcer | typeof retryStream,
  service: string,
  subjects: readonly string[],
  { ackWaitMs = defaultAckWaitMs }: StreamSettings,
): Promise<void> {
  const changeable = {
    filter_subjects: [...subjects],
    // `backoff` would replace ack_wait by its first entry: the delays between tries are the listener's business instead.
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: 1_000,
  };
  try {
    await bus.jsm.consumers.add(stream, {
      ...changeable,
      durable_name: service,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
  } catch (error) {
    if (!isCalled(error, consumerExists)) throw error;
    // A release that listens to more, or waits longer, finds the consumer of the one before.
    await bus.jsm.consumers.update(stream, service, changeable);
  }
}

/** JetStream's errors: there is no such stream or consumer, or the name is in use with another configuration. */
export const streamNotFound = 10059;
export const consumerNotFound = 10014;
const streamExists = 10058;
const consumerExists = 10148;

/** Whether an error of JetStream has this number: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export function isCalled(error: unknown, code: number): boolean {
  return Error.isError(error) && 'code' in error && error.code === code;
}
