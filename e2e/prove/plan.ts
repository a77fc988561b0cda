import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What may go wrong, and what the harness does to make it so. */
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
  /** A process, for a consumer `<stream>/<service>`, or the service that is behind when streams lose something; nothing where only one can be meant. */
  readonly target?: string;
  /** How long it lasts, in ms, for what lasts. */
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

/** One kill in so many ms: 60 and more in two minutes. */
const killEveryMs = 1_700;
const pauseEveryMs = 25_000;
/** Longer than `ack_wait`, so that what the process had in hand is delivered to another meanwhile. */
const pauseMs = { from: 11_000, to: 14_000 };
const outageEveryMs = 40_000;
const outagesAtLeast = 5;
const resetsAtMost = 20;
const outageMs = { from: 1_000, to: 30_000 };
const fullMs = { from: 2_000, to: 6_000 };
/** Of the whole run, the most that the broker may be away in one piece. */
const outageShare = 1 / 12;

/**
 * Decides everything that will go wrong. The same seed and options make the same plan.
 *
 * Faults of a kind are spread evenly, each somewhere in its own part of the run; a stream is wiped in the middle third and rewound in the last one, so that something is there to be lost.
 */
export function planFaults({ seed, durationMs, kinds, processes, consumers }: PlanOptions): Fault[] {
  const plan: Fault[] = [];
  const listening = [...new Set(processes.map(serviceOf))].filter((it) => !deaf.includes(it));
  for (const kind of faultKinds) {
    if (!kinds.includes(kind)) continue;
    // A generator for each kind: leaving one kind out does not change what the others do.
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
        // Short ones are more frequent than long ones, as in life; the broker is away for a fifth of the time in all.
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
    // Each makes a service hear its whole stream again, which takes the longer the more has happened.
    if (kind === 'consumer-reset')
      for (const atMs of moments(Math.min(every(4_000), resetsAtMost)))
        plan.push({ atMs, kind, target: pick(consumers) });
    if (kind === 'malformed')
      for (const atMs of moments(every(1_000))) plan.push({ atMs, kind, target: pick(consumers) });
    if (kind === 'unreadable') for (const atMs of moments(every(30_000), 0, 0.5)) plan.push({ atMs, kind });
  }
  return plan.sort((a, b) => a.atMs - b.atMs);
}

/** Of `orders-1`, `orders`. */
export const serviceOf = (process: string): string => process.replace(/-\d+$/, '');

/** How long nobody of a service hears anything before its streams lose what lies there: longer than what was acknowledged stays in an outbox. */
const behindMs = 4_000;
/** Processes that are no listeners. */
const deaf: readonly string[] = ['nats', 'mongo', 'auth'];

/** They are killed too, and never paused: nothing of ours would be tried by that. */
export const engines: readonly string[] = ['nats', 'mongo'];

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Numbers in [0, 1) that depend on the text alone. */
export function randomFrom(text: string): () => number {
  const generator = xoroshiro128plus(hashOf(text));
  // 53 bits, as Math.random gives.
  return () => uniformFloat64(generator);
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readInt32BE();
}
