import { connect } from 'node:net';

/** What came back on a connection until it was closed. */
export interface RawAnswers {
  /** One for each answer, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

export interface RawOptions {
  /** The connection is given up after this time. */
  readonly withinMs?: number;
  /** The address to call from, below 127/8. */
  readonly from?: string;
}

/** Sends bytes that no HTTP client would send, on a connection of their own, and reads until it is closed. */
export function sendBytes(port: number, bytes: string | Buffer, options: RawOptions = {}): Promise<RawAnswers> {
  const { withinMs = 10_000, from } = options;
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ...(from ? { localAddress: from } : {}) });
    const chunks: Buffer[] = [];
    socket.setTimeout(withinMs, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ statuses: [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status)), text });
    });
    socket.write(bytes);
  });
}

/** A request as text, with `Connection: close` so that its answer ends the connection. */
export function requestText(method: string, target: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${method} ${target} HTTP/1.1`, 'Connection: close', ...headers, ...length, '', body].join('\r\n');
}

/** Does everything, so many at a time. */
export async function eachOf<Item>(
  items: readonly Item[],
  atATime: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (const item of left) await act(item);
    }),
  );
}
