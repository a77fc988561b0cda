import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a process has sent as OTLP. */
export interface SentSpans {
  readonly type: string;
  /** Empty if it is not compressed. */
  readonly encoding: string;
  readonly body: Buffer;
}

/** Takes spans as a collector does, and keeps the last ones as they came. */
export interface Recorder {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly sent: readonly SentSpans[];
  stop(): Promise<void>;
}

const kept = 5_000;

export async function startRecorder(): Promise<Recorder> {
  const sent: SentSpans[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const type = req.headers['content-type'] ?? '';
    const encoding = req.headers['content-encoding'] ?? '';
    if (sent.push({ type, encoding, body: Buffer.concat(chunks) }) > kept) sent.shift();
    res.setHeader('Content-Type', type).end(type.includes('json') ? '{}' : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
