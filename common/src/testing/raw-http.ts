import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { newServer } from '../http/server.ts';

/** An app on its own port, served as a service's process does. */
export interface Served {
  readonly port: number;
  close(): void;
}

export async function serve(app: RequestListener): Promise<Served> {
  const server: Server = newServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An answer read from a socket; `status` is undefined if the connection was closed without one. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Sends raw bytes, which no HTTP client does, and reads until the server closes. Never closes first, like a stalled
 * client.
 */
export async function sendRaw(port: number, ...pieces: (string | Buffer)[]): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  for (const piece of pieces) socket.write(piece);
  return answerOn(socket);
}

/** Reads an answer from a socket until it is closed. */
export async function answerOn(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    // A server that closes while we are still writing resets the connection; what it sent before still counts.
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
    socket.on('end', () => socket.end()).on('close', () => resolve());
  });
  return parse(Buffer.concat(chunks).toString('latin1'));
}

function parse(text: string): RawAnswer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1];
  return { status: status ? Number(status) : undefined, headers: new Headers(headers), body: body.join('\r\n\r\n') };
}
