import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Addresses } from './pods.ts';

/** Access to a cluster's network for a process outside it. */
export interface Network {
  /** For `HTTP_PROXY`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The fields of RFC 1928 that are used here. */
const version = 5;
const noAuthentication = 0;
const ipv4 = 1;
const domainName = 3;
const addressLength: Readonly<Record<number, number>> = { [ipv4]: 4, 4: 16 };
const succeeded = 0;
const hostUnreachable = 4;
const connectionRefused = 5;

/**
 * Starts a SOCKS5 proxy that connects addresses of pods and Services and names of cluster DNS to local processes, and
 * refuses all others.
 */
export async function startNetwork(addresses: Addresses): Promise<Network> {
  const open = new Set<Socket>();
  const server = createServer((caller) => {
    open.add(caller);
    caller.once('close', () => open.delete(caller));
    caller.on('error', whicheverEnds);
    lead(caller, addresses).catch(() => caller.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Ends and resets are passed on; errors need no other handling. */
const whicheverEnds = () => undefined;

async function lead(caller: Socket, addresses: Addresses): Promise<void> {
  const [, methods = 0] = await read(caller, 2);
  await read(caller, methods);
  caller.write(Buffer.of(version, noAuthentication));

  const [, , , kind = 0] = await read(caller, 4);
  const length = kind === domainName ? (await read(caller, 1)).readUInt8() : (addressLength[kind] ?? 0);
  const host = await read(caller, length);
  const port = (await read(caller, 2)).readUInt16BE();
  const wanted = `${kind === domainName ? host.toString('latin1') : host.join('.')}:${port}`;

  const url = addresses.get(wanted);
  if (url === undefined) return refuse(caller, hostUnreachable);
  const { hostname, port: at } = new URL(url);
  const service = connect({ host: hostname, port: Number(at) });
  service.on('error', whicheverEnds);
  try {
    await once(service, 'connect');
  } catch {
    return refuse(caller, connectionRefused);
  }
  caller.write(reply(succeeded));
  pipeline(caller, service, whicheverEnds);
  pipeline(service, caller, whicheverEnds);
}

/** Reads exactly so many bytes. */
async function read(socket: Socket, bytes: number): Promise<Buffer> {
  if (bytes === 0) return Buffer.alloc(0);
  for (;;) {
    const chunk: Buffer | null = socket.read(bytes);
    if (chunk?.length === bytes) return chunk;
    if (chunk || socket.destroyed) throw new Error('the client has disconnected');
    await once(socket, 'readable');
  }
}

const reply = (answer: number): Buffer => Buffer.of(version, answer, 0, ipv4, 0, 0, 0, 0, 0, 0);

function refuse(caller: Socket, why: number): void {
  caller.end(reply(why));
}
