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
  /** What to show now. It may fail: then nothing is shown. */
  readonly ask: () => Promise<readonly Reading[]>;
}

/** How long whoever reads the metrics waits for one of them. */
const patienceMs = 1_000;

/** A metric that an engine knows: it is asked whenever somebody reads the metrics. While it does not answer the metric is left out, for an old value would pass for a new one. */
export function askedGauge({ name, help, labelNames = [], metrics, ask }: AskedGauge): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [metrics],
    async collect() {
      const readings = await Promise.race([ask().catch(() => []), patience()]);
      this.reset();
      // Without labels a reset leaves a zero.
      if (labelNames.length === 0) this.remove();
      for (const { labels = {}, value } of readings) this.set({ ...labels }, value);
    },
  });
}

function patience(): Promise<readonly Reading[]> {
  return new Promise((resolve) => setTimeout(() => resolve([]), patienceMs).unref());
}
