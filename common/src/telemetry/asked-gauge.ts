import { Gauge, type Registry } from 'prom-client';

export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface AskedGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly metrics: Registry;
  /** The current readings. If it fails, the metric is left out. */
  readonly ask: () => Promise<readonly Reading[]>;
}

/** How long a scrape waits for one metric. */
const timeoutMs = 1_000;

/**
 * A metric that is queried from an engine at each scrape. If the engine does not answer, the metric is left out,
 * because an old value would look like a current one.
 */
export function askedGauge({ name, help, labelNames = [], metrics, ask }: AskedGauge): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [metrics],
    async collect() {
      const readings = await Promise.race([ask().catch(() => []), timeout()]);
      this.reset();
      // Without labels a reset leaves a zero.
      if (labelNames.length === 0) this.remove();
      for (const { labels = {}, value } of readings) this.set({ ...labels }, value);
    },
  });
}

function timeout(): Promise<readonly Reading[]> {
  return new Promise((resolve) => setTimeout(() => resolve([]), timeoutMs).unref());
}
