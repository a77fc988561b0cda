import { createServer } from 'node:net';
import getPort from 'get-port';

/** Above the well-known ones, and below those that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere). */
const lowest = 10_240;
const highest = 32_767;
/** For each process that chooses. */
const share = 256;

const first = lowest + (process.pid % Math.floor((highest - lowest) / share)) * share;
let given = 0;

/**
 * A port of 127.0.0.1 that nobody uses.
 *
 * What is chosen now may be used only seconds later, or again after its process was killed. So it is none that an outgoing connection could take meanwhile, nor,
 * most likely, one that another process chooses: each looks among a share of its own, and takes the next one each time.
 */
export async function freePort(): Promise<number> {
  const port = await getPort({ host: '127.0.0.1', port: ownPorts() });
  given = port >= first && port < first + share ? port - first + 1 : given;
  return port;
}

function* ownPorts(): Generator<number> {
  for (let tried = 0; tried < share; tried++) yield first + ((given + tried) % share);
}

/** Whether a server could listen there now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
