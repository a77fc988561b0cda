import { connect } from 'node:net';

/** The status alone, with headers as they stand: `fetch` would refuse to send some of them. */
export async function statusOf(origin: string, path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port, host } = new URL(origin);
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', reject).once('data', (said) => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(said.toString('latin1'))?.[1] ?? 0));
      socket.destroy();
    });
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  });
}
