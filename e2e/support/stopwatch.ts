import { readFile } from 'node:fs/promises';

/**
 * Begins to measure how long something takes. What it returns says so, in ms of the processors that this machine had meanwhile: where machines share processors, another
 * one may be given up to all of the time that programs here want, which says nothing of these programs. Linux counts that as stolen; elsewhere it is the time on the clock.
 */
export async function startStopwatch(): Promise<() => Promise<number>> {
  const from = performance.now();
  const before = await processorTime();
  return async () => {
    const tookMs = performance.now() - from;
    const after = await processorTime();
    return tookMs * (1 - stolenShare(before, after));
  };
}

/** Since the machine was started, of all processors, in whatever units. */
export interface ProcessorTime {
  /** What programs wanted: what they had, and what was stolen. */
  readonly wanted: number;
  readonly stolen: number;
}

export function stolenShare(before: ProcessorTime, after: ProcessorTime): number {
  const wanted = after.wanted - before.wanted;
  return wanted > 0 ? (after.stolen - before.stolen) / wanted : 0;
}

/** The first line of /proc/stat, which proc_stat(5) explains. */
export function parseStat(text: string): ProcessorTime {
  const [user = 0, nice = 0, system = 0, _idle, _ioWait, irq = 0, softIrq = 0, stolen = 0] = (text.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { wanted: user + nice + system + irq + softIrq + stolen, stolen };
}

async function processorTime(): Promise<ProcessorTime> {
  return parseStat(await readFile('/proc/stat', 'utf8').catch(() => ''));
}
