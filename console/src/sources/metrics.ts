import type { Chart } from '../api/metrics.ts';
import type { Stream } from '../api/streams.ts';
import { history } from './history.ts';
import type { Sample } from './scrape.ts';

type Description = Omit<Chart, 'series'>;

const charts: readonly Description[] = [
  { name: 'orders', title: 'Orders made, paid and cancelled', unit: 'per-second', group: 'sales' },
  { name: 'tickets-sold', title: 'Tickets sold', unit: 'per-second', group: 'sales' },
  { name: 'payments-open', title: 'Age of the oldest open payment', unit: 'seconds', group: 'sales' },
  { name: 'requests', title: 'Requests', unit: 'per-second', group: 'requests' },
  { name: 'p95', title: '95 % of requests take at most', unit: 'ms', group: 'requests' },
  { name: 'errors', title: 'Requests that failed (5xx)', unit: 'per-second', group: 'requests' },
  { name: 'events', title: 'Events by stream', unit: 'per-second', group: 'events' },
  { name: 'waiting', title: 'Messages that are not handled yet', unit: 'count', group: 'events' },
  { name: 'lag', title: 'Age of the oldest message that is not handled', unit: 'ms', group: 'events' },
  { name: 'outbox', title: 'Age of the oldest event that is not announced yet', unit: 'seconds', group: 'events' },
  { name: 'dead-letters', title: 'Dead letters', unit: 'count', group: 'events' },
  { name: 'memory', title: 'Memory', unit: 'bytes', group: 'processes' },
  { name: 'event-loop', title: 'Event loop, 99 % of delays', unit: 'ms', group: 'processes' },
];

const wanted = new Set([
  'http_request_duration_seconds_count',
  'http_request_duration_seconds_bucket',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'outbox_oldest_age_seconds',
  'payments_open_oldest_age_seconds',
]);
export const isWanted = (name: string): boolean => wanted.has(name);

export interface Metrics {
  /** The last hour; `newest` limits it to so many moments. */
  list(newest?: number): Chart[];
  /** Counts what happened between two moments: `tickets-sold`. */
  count(chart: string, label: string, by?: number): void;
  /** Takes what all processes and streams say at one moment. */
  take(at: number, scraped: ReadonlyMap<string, readonly Sample[]>, streams: readonly Stream[]): void;
}

interface Before {
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

export function metrics(): Metrics {
  const kept = history();
  const counted = new Map<string, number>();
  let before: Before | undefined;

  return {
    list: (newest) => charts.map((chart) => ({ ...chart, series: kept.series(chart.name, newest) })),

    count(chart, label, by = 1) {
      const key = `${chart}\n${label}`;
      counted.set(key, (counted.get(key) ?? 0) + by);
    },

    take(at, scraped, streams) {
      kept.next(at);
      const now = new Map<string, number>();
      const seconds = before ? (at - before.at) / 1_000 : 0;
      /** How much a counter rose each second. One that began anew counts from 0. */
      const rise = (key: string, value: number): number | undefined => {
        now.set(key, value);
        const last = before?.values.get(key);
        return last === undefined || seconds <= 0 ? undefined : (value < last ? value : value - last) / seconds;
      };
      const put = (chart: string, label: string, value: number | undefined) => {
        if (value !== undefined) kept.put(chart, label, value);
      };
      for (const [process, samples] of scraped) {
        const of = (name: string) => samples.filter((it) => it.name === name);
        const sum = (some: readonly Sample[]) => some.reduce((all, { value }) => all + value, 0);
        const requests = of('http_request_duration_seconds_count');
        put('requests', process, rise(`requests/${process}`, sum(requests)));
        const failed = requests.filter(({ labels }) => labels.status?.startsWith('5'));
        put('errors', process, rise(`errors/${process}`, sum(failed)));
        put(
          'p95',
          process,
          p95(of('http_request_duration_seconds_bucket'), (le, value) => rise(`${process}<${le}`, value)),
        );
        put('memory', process, of('process_resident_memory_bytes')[0]?.value);
        put('event-loop', process, inMs(of('nodejs_eventloop_lag_p99_seconds')[0]?.value));
        put('outbox', process, of('outbox_oldest_age_seconds')[0]?.value);
        put('payments-open', process, of('payments_open_oldest_age_seconds')[0]?.value);
      }
      for (const { name, kind, lastSeq, messages, consumers } of streams) {
        put('events', name, rise(`events/${name}`, lastSeq));
        if (kind === 'dead-letters') put('dead-letters', name, messages);
        for (const { name: consumer, waiting, delivered, lagMs = 0 } of consumers) {
          put('waiting', `${name} → ${consumer}`, waiting + delivered);
          put('lag', `${name} → ${consumer}`, lagMs);
        }
      }
      for (const [key, count] of counted) {
        const [chart = '', label = ''] = key.split('\n');
        if (seconds > 0) kept.put(chart, label, count / seconds);
        counted.set(key, 0);
      }
      before = { at, values: now };
    },
  };
}

const inMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000);

/** Of the requests since the last moment, in ms: the upper end of the bucket that the 95th of a hundred is in. */
function p95(buckets: readonly Sample[], rise: (le: string, value: number) => number | undefined): number | undefined {
  const sums = new Map<string, number>();
  for (const { labels, value } of buckets) sums.set(labels.le ?? '', (sums.get(labels.le ?? '') ?? 0) + value);
  const rises = [...sums].map(([le, value]) => ({
    le: Number(le.replace('+Inf', 'Infinity')),
    rise: rise(le, value) ?? 0,
  }));
  const all = rises.find(({ le }) => le === Number.POSITIVE_INFINITY)?.rise ?? 0;
  if (all === 0) return undefined;
  const found = rises.toSorted((a, b) => a.le - b.le).find((it) => it.rise >= 0.95 * all);
  // Slower than the last bucket: that is all that is known.
  return found ? Math.min(found.le, 10) * 1_000 : undefined;
}
