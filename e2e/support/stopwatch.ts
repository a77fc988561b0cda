import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** The unit of /proc/stat: USER_HZ, which is 100 a second wherever Node runs. */
const tickMs = 10;

/**
 * Begins to measure how long something takes. What it returns says so, in ms, without the time that no processor was
 * there for it: where machines share processors, what programs here want may be given to another one. Linux counts that
 * as stolen, for all processors together; elsewhere it is the time on the clock.
 */
export async function startStopwatch(): Promise<() => Promise<number>> {
  const from = performance.now();
  const before = await stolenMs();
  return async () => {
    const tookMs = performance.now() - from;
    return tookMs - ((await stolenMs()) - before) / cpus().length;
  };
}

/** Since the machine was started: the eighth number of the first line of /proc/stat, which proc_stat(5) explains. */
export function parseStolenMs(stat: string): number {
  const [line = ''] = stat.split('\n');
  return Number(line.split(/\s+/)[8] ?? 0) * tickMs;
}

const stolenMs = async () => parseStolenMs(await readFile('/proc/stat', 'utf8').catch(() => ''));
