import type { Bus } from '@box-office/common/messaging/bus';
import { deadLetterStream, holdsTimers, retryStream } from '@box-office/common/messaging/topology';
import { type ConsumerInfo, RetentionPolicy, type StreamInfo } from '@nats-io/jetstream';
import type { Consumer, Stream } from '../api/streams.ts';
import { firstOf } from './reading.ts';

/** All streams with their consumers, by name. */
export async function readStreams(bus: Bus, now: Date): Promise<Stream[]> {
  const infos: StreamInfo[] = [];
  for await (const info of bus.jsm.streams.list()) infos.push(info);
  const streams = infos.map(async (info) => {
    const consumers: Consumer[] = [];
    for await (const consumer of bus.jsm.consumers.list(info.config.name)) {
      // Consumers without a name of their own are somebody's look at the stream.
      if (consumer.config.durable_name) consumers.push(await consumerOf(bus, consumer, now));
    }
    return streamOf(info, consumers);
  });
  return (await Promise.all(streams)).toSorted((a, b) => a.name.localeCompare(b.name));
}

function kindOf({ config }: Pick<StreamInfo, 'config'>): Stream['kind'] {
  if (config.name === deadLetterStream) return 'dead-letters';
  if (config.name === retryStream) return 'retries';
  if (holdsTimers(config.name)) return 'timers';
  return config.retention === RetentionPolicy.Workqueue ? 'queue' : 'log';
}

function streamOf(info: StreamInfo, consumers: readonly Consumer[]): Stream {
  const { config, state } = info;
  return {
    name: config.name,
    kind: kindOf(info),
    subjects: config.subjects,
    messages: state.messages,
    bytes: state.bytes,
    firstSeq: state.first_seq,
    lastSeq: state.last_seq,
    // An empty stream has the year 1.
    ...(state.last_seq > 0 ? { lastAt: state.last_ts } : {}),
    consumers: consumers.toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

async function consumerOf(bus: Bus, info: ConsumerInfo, now: Date): Promise<Consumer> {
  const {
    stream_name: stream,
    name,
    config,
    ack_floor,
    num_pending,
    num_ack_pending,
    num_redelivered,
    num_waiting,
  } = info;
  const open = num_pending + num_ack_pending;
  const subjects = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : ['>']);
  const oldest = open > 0 ? await firstOf(bus, stream, ack_floor.stream_seq + 1, subjects) : undefined;
  return {
    name,
    handledUpTo: ack_floor.stream_seq,
    waiting: num_pending,
    delivered: num_ack_pending,
    redelivered: num_redelivered,
    ...(oldest ? { lagMs: Math.max(now.getTime() - oldest.time.getTime(), 0) } : {}),
    connected: num_waiting > 0,
  };
}
