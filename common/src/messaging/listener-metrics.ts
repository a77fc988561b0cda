import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Registry } from 'prom-client';
import { askedGauge, type Reading } from '../telemetry/asked-gauge.ts';
import type { Bus } from './bus.ts';

/**
 * Two metrics for each stream that a service hears: `listener_waiting_messages`, how many it has not acknowledged yet, and `listener_acknowledged_sequence`, up to where it has
 * acknowledged all. They are JetStream's own figures, the same in all replicas of the service, and left out while JetStream does not say.
 * Where something waits and the sequence stands still, a message does not get done.
 */
export function listenerMetrics(bus: Bus, service: string, streams: readonly string[], metrics: Registry): void {
  /** Both metrics are read at the same time, and one answer holds both. */
  let asked: Promise<readonly ConsumerInfo[]> | undefined;
  const ask = () => {
    asked ??= consumers(bus, service, streams).finally(() => {
      asked = undefined;
    });
    return asked;
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
    'Messages that this service hears and has not acknowledged yet, by stream',
    ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending,
  );
  gauge(
    'listener_acknowledged_sequence',
    'Up to which message of a stream this service has acknowledged all that it hears',
    ({ ack_floor }) => ack_floor.stream_seq,
  );
}

/** Those that are there: a stream may be waited for. */
async function consumers(bus: Bus, service: string, streams: readonly string[]): Promise<readonly ConsumerInfo[]> {
  const answers = await Promise.allSettled(streams.map((stream) => bus.jsm.consumers.info(stream, service)));
  return answers.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
}
