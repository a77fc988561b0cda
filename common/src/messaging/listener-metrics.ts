import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Registry } from 'prom-client';
import { askedGauge, type Reading } from '../telemetry/asked-gauge.ts';
import type { Bus } from './bus.ts';

/**
 * Two metrics for each stream that a service listens to: `listener_waiting_messages`, the messages it has not
 * acknowledged yet, and `listener_acknowledged_sequence`, up to which it has acknowledged all. They are JetStream's own
 * figures, the same in all replicas, and left out while JetStream does not answer. If messages wait and the sequence
 * does not move, a message is stuck.
 */
export function listenerMetrics(bus: Bus, service: string, streams: readonly string[], metrics: Registry): void {
  /** Both metrics are scraped at the same time and share one request. */
  let pending: Promise<readonly ConsumerInfo[]> | undefined;
  const ask = () => {
    pending ??= consumers(bus, service, streams).finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const gauge = (name: string, help: string, value: (consumer: ConsumerInfo) => number) =>
    askedGauge({
      name,
      help,
      labelNames: ['stream'],
      metrics,
      ask: async () => (await ask()).map((it): Reading => ({ labels: { stream: it.stream_name }, value: value(it) })),
    });
  gauge(
    'listener_waiting_messages',
    'Messages for this service that it has not acknowledged yet, by stream',
    ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending,
  );
  gauge(
    'listener_acknowledged_sequence',
    'The sequence up to which this service has acknowledged all its messages, by stream',
    ({ ack_floor }) => ack_floor.stream_seq,
  );
}

/** The existing consumers; some streams may not exist yet. */
async function consumers(bus: Bus, service: string, streams: readonly string[]): Promise<readonly ConsumerInfo[]> {
  const answers = await Promise.allSettled(streams.map((stream) => bus.jsm.consumers.info(stream, service)));
  return answers.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
}
