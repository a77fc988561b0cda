import { readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

/** What the system knows about a process. */
export interface LocalProcess {
  readonly pid: number;
  readonly rssBytes: number;
  /** In seconds since 1970. */
  readonly startedAt: number;
}

export interface LocalProcesses {
  /**
   * The process of this machine that listens at the address. Undefined for another machine, for a process of another
   * user, and on systems without `/proc`.
   */
  readonly at: (url: string) => Promise<LocalProcess | undefined>;
}

/** The kernel counts in these wherever Node runs. */
const ticksPerSecond = 100;

/** Finds processes by the sockets on which they listen: engines and pages do not say anything about themselves. */
export function localProcesses(): LocalProcesses {
  /** The process that has each socket, null if it was looked for and is not ours to see. */
  const owners = new Map<string, number | null>();

  async function ownerOf(socket: string): Promise<number | undefined> {
    const known = owners.get(socket);
    if (known !== undefined) return known ?? undefined;
    const found = await findOwner(socket);
    owners.set(socket, found ?? null);
    return found;
  }

  return {
    async at(url) {
      const { hostname, port } = new URL(url);
      if (!isHere(hostname)) return undefined;
      const socket = await socketAt(Number(port));
      if (!socket) return undefined;
      const pid = await ownerOf(socket);
      return pid === undefined ? undefined : read(pid);
    },
  };
}

function isHere(hostname: string): boolean {
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === hostname));
}

const listening = '0A';

/** The inode of the socket that listens on a port. */
async function socketAt(port: number): Promise<string | undefined> {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const [, address, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === listening && address?.endsWith(end)) return inode;
    }
  }
  return undefined;
}

async function findOwner(inode: string): Promise<number | undefined> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // Whatever belongs to the platform has started lately.
  for (const pid of all.map(Number).sort((one, other) => other - one)) {
    const folder = `/proc/${pid}/fd`;
    for (const file of await readdir(folder).catch(() => [])) {
      if ((await readlink(`${folder}/${file}`).catch(() => '')) === `socket:[${inode}]`) return pid;
    }
  }
  return undefined;
}

/** Undefined when it is gone. */
async function read(pid: number): Promise<LocalProcess | undefined> {
  const files = [`/proc/${pid}/status`, `/proc/${pid}/stat`, '/proc/stat'].map((it) => readFile(it, 'utf8'));
  const [status = '', stat = '', system = ''] = await Promise.all(files).catch(() => []);
  const [kilobytes, bootedAt] = [numberAfter(status, 'VmRSS:'), numberAfter(system, 'btime')];
  // The name of the program, in parentheses, may contain spaces.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  if (!kilobytes || !bootedAt || !ticks) return undefined;
  return { pid, rssBytes: kilobytes * 1024, startedAt: bootedAt + ticks / ticksPerSecond };
}

const numberAfter = (text: string, name: string): number | undefined => {
  const line = text.split('\n').find((it) => it.startsWith(name));
  return line ? Number.parseInt(line.slice(name.length).trim(), 10) : undefined;
};
