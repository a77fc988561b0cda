import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** The unit of /proc/stat: USER_HZ, which is 100 a second wherever Node runs. */
const tickMs = 10;

export interface Took {
  readonly ms: number;
  /**
   * Of that, how long a processor had nothing to do, on average: pauses of the code, however slow the machine is. Work
   * on one of two counts half, and a pause while other programs work does not count. Linux reports it; elsewhere it is
   * all of the time.
   */
  readonly idleMs: number;
}

/** Starts a stopwatch. The returned function reads it. */
export async function startStopwatch(): Promise<() => Promise<Took>> {
  const from = performance.now();
  const before = await idleSinceBoot();
  return async () => {
    const ms = performance.now() - from;
    const after = await idleSinceBoot();
    const idleMs = before === undefined || after === undefined ? ms : (after - before) / cpus().length;
    return { ms, idleMs: Math.min(idleMs, ms) };
  };
}

/**
 * Of all processors together: the fourth number in the first line of /proc/stat, see proc_stat(5). Undefined where
 * nobody tells: some sandboxes have the file and fill it with zeros. Waiting for a disk, which is the machine as well,
 * is not in it.
 */
export function parseIdleMs(stat: string): number | undefined {
  const [, idle] = /^cpu +\d+ \d+ \d+ (\d+)/.exec(stat) ?? [];
  return Number(idle ?? 0) > 0 ? Number(idle) * tickMs : undefined;
}

const idleSinceBoot = async () => parseIdleMs(await readFile('/proc/stat', 'utf8').catch(() => ''));
