import { Counter, type Registry } from 'prom-client';
import { askedGauge } from '../telemetry/asked-gauge.ts';
import type { Bus } from './bus.ts';
import { deadLetterStream } from './topology.ts';

export interface Counted {
  readonly bus: Bus;
  readonly service: string;
  /** The event types that it listens to. */
  readonly types: readonly string[];
  /** Its default labels identify the service. Without it nothing is counted. */
  readonly metrics: Registry | undefined;
}

/**
 * Two metrics: `dead_letters_buried_total`, the messages of each type that this process has given up since its start,
 * and `dead_letters`, the service's current dead letters, which is the same in all replicas and left out while
 * JetStream does not answer. Types that the service does not listen to count as `unknown`, so that senders cannot
 * create labels.
 *
 * @returns a function to call after a message was buried
 */
export function deadLetterMetrics({ bus, service, types, metrics }: Counted): (type?: string) => void {
  if (!metrics) return () => {};
  const buried = new Counter({
    name: 'dead_letters_buried_total',
    help: 'Messages given up and put into the dead letters, by event type',
    labelNames: ['type'] as const,
    registers: [metrics],
  });
  // Starts at 0, so that the first one shows as an increase.
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
