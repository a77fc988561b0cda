import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { tryLock } from './lock.mjs';

/** Above the well-known ports, and below the ephemeral range (from 32768 on Linux, from 49152 elsewhere). */
const lowest = 10_240;
const highest = 32_767;
/** The share of each process that chooses ports. */
const share = 256;

const shares = Math.floor((highest - lowest) / share);

let first: number | undefined;
let given = 0;

/**
 * A free port of 127.0.0.1.
 *
 * It may be used only seconds later, or again after its process was killed. So it is outside the ephemeral range, and
 * no other process of ours chooses it: each has a share of its own and takes the next port of it each time.
 */
export async function freePort(): Promise<number> {
  first ??= lowest + claimedShare(process.pid % shares) * share;
  const port = await getPort({ host: '127.0.0.1', port: portsFrom(first) });
  given = port >= first && port < first + share ? port - first + 1 : given;
  return port;
}

/** The first share from there on that no living process has. It is this process's until it ends. */
export function claimedShare(from: number): number {
  const dir = join(tmpdir(), `box-office-ports-${process.getuid?.() ?? 0}`);
  for (let tried = 0; tried < shares; tried++) {
    const number = (from + tried) % shares;
    const lock = tryLock(join(dir, `${number}`));
    if (lock.taken || lock.holder.pid === process.pid) return number;
  }
  return from;
}

function* portsFrom(lowestOwn: number): Generator<number> {
  for (let tried = 0; tried < share; tried++) yield lowestOwn + ((given + tried) % share);
}

/** Whether the port is free now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}

/** A port, or how to choose one: that is done once the engines are installed, which may take minutes. */
export type Port = number | (() => Promise<number>);

export const chosen = async (port: Port | undefined) => (typeof port === 'function' ? port() : port);
