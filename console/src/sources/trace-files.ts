import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Received } from './otlp.ts';

/** 16 files of 4 MB: when another begins, the oldest goes. */
export interface Sizes {
  readonly segmentBytes: number;
  readonly segments: number;
}
export const usualSizes: Sizes = { segmentBytes: 4_000_000, segments: 16 };

/** Spans on disk, in the order in which they came, a line each. */
export interface TraceFiles {
  /** Appends as many of the first ones as one segment takes, and says how many and which. */
  append(spans: readonly Received[]): Promise<{ readonly segment: number; readonly written: number }>;
  /** The spans of a trace that lie in these segments. */
  read(traceId: string, segments: Iterable<number>): Promise<Received[]>;
  /** Every span of a segment. */
  all(segment: number): Promise<Received[]>;
  /** The numbers of the segments that are there, oldest first. */
  segments(): readonly number[];
}

/** Opens the folder, which is made if it is not there. What an earlier process wrote is there again. */
export async function traceFiles(dir: string, { segmentBytes, segments: most }: Sizes): Promise<TraceFiles> {
  await mkdir(dir, { recursive: true });
  const numbers = (await readdir(dir)).flatMap((name) => /^(\d+)\.jsonl$/.exec(name)?.[1] ?? []).map(Number);
  const there = numbers.toSorted((a, b) => a - b);
  const pathOf = (segment: number) => join(dir, `${segment}.jsonl`);
  // The last line of a process that was killed may be cut short, so each process begins a segment of its own.
  let current = (there.at(-1) ?? 0) + 1;
  let size = 0;
  there.push(current);
  await shrink();

  async function beginSegment(): Promise<void> {
    current++;
    size = 0;
    there.push(current);
    await shrink();
  }

  async function shrink(): Promise<void> {
    while (there.length > most) {
      const oldest = there.shift();
      if (oldest !== undefined) await rm(pathOf(oldest), { force: true });
    }
  }

  async function linesOf(segment: number): Promise<Buffer> {
    return readFile(pathOf(segment)).catch(() => Buffer.alloc(0));
  }

  return {
    async append(spans) {
      const lines: string[] = [];
      let bytes = 0;
      for (const span of spans) {
        const line = `${JSON.stringify(span)}\n`;
        const length = Buffer.byteLength(line);
        const isFull = size + bytes + length > segmentBytes;
        if (isFull && lines.length > 0) break;
        if (isFull && size > 0) await beginSegment();
        lines.push(line);
        bytes += length;
      }
      // Attributes may hold what people typed.
      await appendFile(pathOf(current), lines.join(''), { mode: 0o600 });
      size += bytes;
      return { segment: current, written: lines.length };
    },

    async read(traceId, segments) {
      const found: Received[] = [];
      const start = Buffer.from(`{"traceId":"${traceId}"`);
      for (const segment of segments) {
        const lines = await linesOf(segment);
        for (let at = lines.indexOf(start); at >= 0; at = lines.indexOf(start, at + 1)) {
          const end = lines.indexOf(10, at);
          if (end > at) found.push(...spanIn(lines.subarray(at, end)));
        }
      }
      return found;
    },

    async all(segment) {
      const lines = (await linesOf(segment)).toString().split('\n');
      return lines.flatMap((line) => (line ? spanIn(line) : []));
    },

    segments: () => there,
  };
}

/** Nothing for a line that is cut short. */
function spanIn(line: Buffer | string): Received[] {
  try {
    return [JSON.parse(line.toString()) as Received];
  } catch {
    return [];
  }
}
