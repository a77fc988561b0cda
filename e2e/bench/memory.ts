import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The resident memory of processes in bytes, by name, as the operating system counts it. */
export async function residentMemory(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,rss=', '-p', Object.values(pids).join(',')]);
  const byPid = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  );
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, (byPid.get(pid) ?? 0) * 1024]));
}
