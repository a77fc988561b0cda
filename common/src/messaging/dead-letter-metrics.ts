import { Counter, type Registry } from 'prom-client';
import { askedGauge } from '../telemetry/asked-gauge.ts';
import type { Bus } from './bus.ts';
import { deadLetterStream } from './topology.ts';

export interface Counted {
  readonly bus: Bus;
  readonly service: string;
  /** The event types that it listens to. */
  readonly types: readonly string[];
  /** Its default labels say which service this is. Nothing is counted without it. */
  readonly metrics: Registry | undefined;
}

/**
 * Two metrics: `dead_letters_buried_total`, how many messages of each type this process has given up since it began, and `dead_letters`, how many of the service's lie there now,
 * which is the same in all its replicas and is left out while JetStream does not say. A type that the service does not listen to is `unknown`: senders must not make up labels.
 *
 * @returns what to call when a message has been put aside
 */
export function deadLetterMetrics({ bus, service, types, metrics }: Counted): (type?: string) => void {
  if (!metrics) return () => {};
  const buried = new Counter({
    name: 'dead_letters_buried_total',
    help: 'Messages given up and put into the dead letters, by event type',
    labelNames: ['type'] as const,
    registers: [metrics],
  });
  // From the beginning, so that the first one is seen as a rise.
  for (const type of types) buried.inc({ type }, 0);
  askedGauge({
    name: 'dead_letters',
    help: 'Dead letters of this service that lie there now',
    metrics,
    ask: async () => [{ value: await countNow(bus, service) }],
  });
  return (type = 'unknown') => buried.inc({ type });
}

async function countNow(bus: Bus, service: string): Promise<number> {
  const { state } = await bus.jsm.streams.info(deadLetterStream, {
    subjects_filter: `${deadLetterStream}.${service}.>`,
  });
  return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
}
