import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { newServer } from '../http/server.ts';

/** An app on a port of its own, as a service's process serves it. */
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

/** What came back over a socket: undefined where the connection was closed without an answer. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends bytes as they are, which no HTTP client does, and reads until the connection is closed. Keeps it open meanwhile, as who stalls does. */
export async function sendRaw(port: number, ...pieces: (string | Buffer)[]): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  for (const piece of pieces) socket.write(piece);
  return answerOn(socket);
}

/** Reads what comes over a socket until it is closed. */
export async function answerOn(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    // A server that closes while we still write resets the connection; what it has said before counts.
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
