import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** The unit of /proc/stat: USER_HZ, which is 100 a second wherever Node runs. */
const tickMs = 10;

/**
 * Starts a stopwatch. The returned function gives the elapsed ms without stolen time: on shared hardware the hypervisor
 * may give processor time to other machines. Linux reports it for all processors together; elsewhere the result is
 * plain wall-clock time.
 */
export async function startStopwatch(): Promise<() => Promise<number>> {
  const from = performance.now();
  const before = await stolenMs();
  return async () => {
    const tookMs = performance.now() - from;
    return tookMs - ((await stolenMs()) - before) / cpus().length;
  };
}

/** Since boot: the eighth number in the first line of /proc/stat, see proc_stat(5). */
export function parseStolenMs(stat: string): number {
  const [line = ''] = stat.split('\n');
  return Number(line.split(/\s+/)[8] ?? 0) * tickMs;
}

const stolenMs = async () => parseStolenMs(await readFile('/proc/stat', 'utf8').catch(() => ''));
