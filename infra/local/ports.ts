import { createServer } from 'node:net';
import getPort from 'get-port';

/** Above the well-known ports, and below the ephemeral range (from 32768 on Linux, from 49152 elsewhere). */
const lowest = 10_240;
const highest = 32_767;
/** The share of each process that chooses ports. */
const share = 256;

const first = lowest + (process.pid % Math.floor((highest - lowest) / share)) * share;
let given = 0;

/**
 * A free port of 127.0.0.1.
 *
 * It may be used only seconds later, or again after its process was killed. So it is outside the ephemeral range, and
 * unlikely to be chosen by another process: each has a share of its own and takes the next port of it each time.
 */
export async function freePort(): Promise<number> {
  const port = await getPort({ host: '127.0.0.1', port: ownPorts() });
  given = port >= first && port < first + share ? port - first + 1 : given;
  return port;
}

function* ownPorts(): Generator<number> {
  for (let tried = 0; tried < share; tried++) yield first + ((given + tried) % share);
}

/** Whether the port is free now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
