import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Each fault, and how the harness injects it. */
export const faultKinds = [
  'kill',
  'pause',
  'outage',
  'wipe',
  'rewind',
  'full-disk',
  'webhooks',
  'replies',
  'consumer-reset',
  'malformed',
  'unreadable',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** When it begins, in ms from the start of the run. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /**
   * A process, a consumer as `<stream>/<service>`, or the service that lags behind when streams lose data; missing
   * where there is only one.
   */
  readonly target?: string;
  /** How long it lasts, in ms, unless it is momentary. */
  readonly lastsMs?: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly kinds: readonly FaultKind[];
  /** Processes that may be killed or paused, by name. */
  readonly processes: readonly string[];
  /** Durable consumers as `<stream>/<service>`. */
  readonly consumers: readonly string[];
}

/** One kill per so many ms: at least 60 in two minutes. */
const killEveryMs = 1_700;
const pauseEveryMs = 25_000;
/** Longer than `ack_wait`, so that the messages in progress are redelivered to another process. */
const pauseMs = { from: 11_000, to: 14_000 };
const outageEveryMs = 40_000;
const outagesAtLeast = 5;
const resetsAtMost = 20;
const outageMs = { from: 1_000, to: 30_000 };
const fullMs = { from: 2_000, to: 6_000 };
/** The longest single broker outage, as a share of the run. */
const outageShare = 1 / 12;
/** Of so many ms of a long run, faults begin in this part. */
const weather = { everyMs: 120_000, stormy: 2 / 3 };

/**
 * Plans all faults. The same seed and options make the same plan.
 *
 * Faults of a kind are spread evenly, each at a random moment of its own part of the run; a stream is wiped in the
 * middle third and rewound in the last one, so that there is data to lose. In a long run, storms of faults take turns
 * with lulls: otherwise hardly anything takes its whole course on a small machine, and nothing is left to disturb.
 */
export function planFaults({ seed, durationMs, kinds, processes, consumers }: PlanOptions): Fault[] {
  const plan: Fault[] = [];
  const listening = [...new Set(processes.map(serviceOf))].filter((it) => !deaf.includes(it));
  for (const kind of faultKinds) {
    if (!kinds.includes(kind)) continue;
    // A generator for each kind: leaving one kind out does not change the others.
    const random = randomFrom(`${seed}/${kind}`);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const between = ({ from, to }: Range) => Math.round(from + random() * (to - from));
    /** `count` moments, one in each of as many equal parts of a stretch of the run. */
    const moments = (count: number, from = 0, to = 1) =>
      Array.from({ length: count }, (_, part) =>
        Math.round(durationMs * (from + ((part + random()) / count) * (to - from))),
      );
    const every = (ms: number) => Math.max(Math.ceil(durationMs / ms), 1);

    if (kind === 'kill')
      for (const atMs of moments(every(killEveryMs))) plan.push({ atMs, kind, target: pick(processes) });
    if (kind === 'pause') {
      const pausable = processes.filter((name) => !engines.includes(name));
      for (const atMs of moments(every(pauseEveryMs), 0, 0.85)) {
        plan.push({ atMs, kind, target: pick(pausable), lastsMs: between(pauseMs) });
      }
    }
    if (kind === 'outage') {
      const to = Math.max(Math.min(outageMs.to, durationMs * outageShare), outageMs.from);
      for (const atMs of moments(Math.max(every(outageEveryMs), outagesAtLeast))) {
        // Short outages are more frequent than long ones, as in life; together they take a fifth of the time.
        const lastsMs = Math.round(outageMs.from * (to / outageMs.from) ** random());
        plan.push({ atMs, kind, lastsMs });
      }
    }
    if (kind === 'wipe' || kind === 'rewind') {
      const [from, to] = kind === 'wipe' ? [1 / 3, 2 / 3] : [0.7, 0.9];
      for (const atMs of moments(1, from, to)) plan.push({ atMs, kind, target: pick(listening), lastsMs: behindMs });
    }
    if (kind === 'full-disk')
      for (const atMs of moments(every(120_000), 0.1, 0.6)) plan.push({ atMs, kind, lastsMs: between(fullMs) });
    if (kind === 'webhooks' || kind === 'replies') {
      for (const atMs of moments(every(10_000)))
        plan.push({ atMs, kind, lastsMs: between({ from: 2_000, to: 6_000 }) });
    }
    // Each makes a service receive its whole stream again, which takes longer as the stream grows.
    if (kind === 'consumer-reset')
      for (const atMs of moments(Math.min(every(4_000), resetsAtMost)))
        plan.push({ atMs, kind, target: pick(consumers) });
    if (kind === 'malformed')
      for (const atMs of moments(every(1_000))) plan.push({ atMs, kind, target: pick(consumers) });
    if (kind === 'unreadable') for (const atMs of moments(every(30_000), 0, 0.5)) plan.push({ atMs, kind });
  }
  const isLong = durationMs >= 2 * weather.everyMs;
  return plan
    .map((fault) => (isLong ? { ...fault, atMs: inStorm(fault.atMs) } : fault))
    .sort((a, b) => a.atMs - b.atMs);
}

function inStorm(atMs: number): number {
  const into = atMs % weather.everyMs;
  return atMs - into + Math.round(into * weather.stormy);
}

/** Of `orders-1`, `orders`. */
export const serviceOf = (process: string): string => process.replace(/-\d+$/, '');

/**
 * How long all replicas of a service are paused before its streams lose data: longer than acknowledged events stay in
 * an outbox.
 */
const behindMs = 4_000;
/** Processes that do not listen. */
const deaf: readonly string[] = ['nats', 'mongo', 'auth'];

/** They are killed too, but never paused: that would not test our code. */
export const engines: readonly string[] = ['nats', 'mongo'];

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Numbers in [0, 1) determined by the text. */
export function randomFrom(text: string): () => number {
  const generator = xoroshiro128plus(hashOf(text));
  // 53 bits, as Math.random gives.
  return () => uniformFloat64(generator);
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readInt32BE();
}
