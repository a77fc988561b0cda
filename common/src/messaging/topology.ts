import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Announcer } from '../contracts/event.ts';
import { keptDays } from '../contracts/kept.ts';
import type { Bus } from './bus.ts';
import { askKeeper } from './keeper-requests.ts';

const day = 24 * 60 * 60 * 1000;

export const deadLetterStream = 'dead-letters';

/** The stream of retried dead letters, on `retries.<service>.<original subject>`, which only that service receives. */
export const retryStream = 'retries';

/**
 * Streams that are not a log. A message of a queue is for one listener and gone once that has handled it, and kept for
 * that as long as a dead letter: auth tells mail what to send, with secrets in it. Timers are schedules, which their
 * service may also remove.
 */
const special: Readonly<Record<string, 'queue' | 'timers'>> = { auth: 'queue', expiration: 'timers' };

const isQueue = (announcer: string): boolean => special[announcer] === 'queue';
export const holdsTimers = (announcer: string): boolean => special[announcer] === 'timers';

export interface StreamSettings {
  /**
   * Copies of the stream in a NATS cluster: 1 on one machine, 3 in production. Where there is a keeper, it decides.
   */
  readonly replicas?: number;
  /**
   * How long a message may stay unacknowledged before redelivery; heartbeats extend it while a handler runs. Default 10
   * s.
   */
  readonly ackWaitMs?: number;
}

export const defaultAckWaitMs = 10_000;

/**
 * Creates or updates the stream that a service announces on, or has the keeper do it. Its owner calls this at every
 * start and whenever the stream is missing; repeating it changes nothing.
 *
 * Events are kept for a week: long enough for a listener that was down, and no longer, because the databases are the
 * source of truth. Nobody can remove one earlier, except timers. `duplicate_window` is 10 minutes; versions handle
 * later duplicates. Batches and schedules need server 2.12.
 */
export async function ensureStream(bus: Bus, owner: Announcer, { replicas = 1 }: StreamSettings): Promise<void> {
  if (bus.asksKeeper) return askKeeper(bus, owner, { make: 'stream' });
  await ensure(bus, {
    name: owner,
    // An event has three words. What has two, such as `auth.ended`, passes between the replicas of a service, unstored.
    subjects: [`${owner}.*.*`],
    retention: isQueue(owner) ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    num_replicas: replicas,
    max_age: nanos((isQueue(owner) ? keptDays.unhandled : keptDays.events) * day),
    duplicate_window: nanos(10 * 60 * 1000),
    allow_atomic: true,
    allow_msg_schedules: holdsTimers(owner),
    deny_delete: true,
    deny_purge: !holdsTimers(owner),
  });
}

/** Creates or updates the stream of dead letters, which people remove. Every listening service calls this. */
export async function ensureDeadLetters(bus: Bus, service: string, { replicas = 1 }: StreamSettings): Promise<void> {
  if (bus.asksKeeper) return askKeeper(bus, service, { make: 'dead letters' });
  await ensure(bus, {
    name: deadLetterStream,
    subjects: [`${deadLetterStream}.>`],
    num_replicas: replicas,
    max_age: nanos(keptDays.unhandled * day),
    duplicate_window: nanos(10 * 60 * 1000),
  });
}

/**
 * Creates or updates the stream of retried dead letters. Every listening service calls this.
 *
 * A work queue: handled messages are gone, so a re-created consumer does not receive them again. Retries for a service
 * that is down are kept as long as dead letters. `duplicate_window` is a day, because there are few messages and a
 * person may repeat a retry much later than a program would.
 */
export async function ensureRetries(bus: Bus, service: string, { replicas = 1 }: StreamSettings): Promise<void> {
  if (bus.asksKeeper) return askKeeper(bus, service, { make: 'retries' });
  await ensure(bus, {
    name: retryStream,
    subjects: [`${retryStream}.>`],
    retention: RetentionPolicy.Workqueue,
    num_replicas: replicas,
    max_age: nanos(keptDays.unhandled * day),
    duplicate_window: nanos(day),
    deny_delete: true,
    deny_purge: true,
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
 * Creates or updates a service's durable consumer of another service's stream, or has the keeper do it. All replicas of
 * the service share it, so each message goes to one of them.
 *
 * Its subjects only grow: while a service is updated, a replica of the release before may start too. It would take away
 * what it does not know, and the consumer never comes back to messages that it has passed over.
 *
 * @throws StreamNotFound while the announcing service has not created its stream yet
 */
export async function ensureConsumer(
  bus: Bus,
  stream: Announcer | typeof retryStream,
  service: string,
  subjects: readonly string[],
  { ackWaitMs = defaultAckWaitMs }: StreamSettings,
): Promise<void> {
  if (bus.asksKeeper) return askKeeper(bus, service, { make: 'consumer', stream, subjects: [...subjects], ackWaitMs });
  const changeable = {
    // `backoff` would replace ack_wait with its first entry, so the listener itself sets the delays between tries.
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: 1_000,
  };
  try {
    await bus.jsm.consumers.add(stream, {
      ...changeable,
      filter_subjects: [...subjects],
      durable_name: service,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
  } catch (error) {
    if (!isCalled(error, consumerExists)) throw error;
    const { config } = await bus.jsm.consumers.info(stream, service);
    const all = new Set([...subjectsIn(config), ...subjects]);
    await bus.jsm.consumers.update(stream, service, { ...changeable, filter_subjects: [...all] });
  }
}

/** Which subjects a consumer delivers. */
export const subjectsIn = ({ filter_subject, filter_subjects = [] }: ConsumerConfig): string[] =>
  filter_subject ? [filter_subject] : filter_subjects;

/** JetStream error codes: stream or consumer not found, or the name is in use with another configuration. */
export const streamNotFound = 10059;
export const consumerNotFound = 10014;
const streamExists = 10058;
const consumerExists = 10148;

/** Whether a JetStream error has this code: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export function isCalled(error: unknown, code: number): boolean {
  return Error.isError(error) && 'code' in error && error.code === code;
}
