import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

interface Reply {
  /** 0 if the connection broke before there was an answer. */
  readonly status: number;
  /** From sending the request until the whole answer was there. */
  readonly ms: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who calls the gateway from an address of their own, on connections that stay open. */
export interface Caller {
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  end(): void;
}

/** @param from An address below 127/8, which the gateway sees as a network of its own. */
export function callerFrom(port: number, from = '127.0.0.1'): Caller {
  const agent = new Agent({ keepAlive: true });
  return {
    call(method, path, { body, headers = {} } = {}) {
      const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const startedAt = performance.now();
      const after = () => performance.now() - startedAt;
      return new Promise((resolve) => {
        const asked = request({
          ...{ host: '127.0.0.1', port, localAddress: from, agent, method, path },
          headers: {
            ...(sent && { 'Content-Type': 'application/json', 'Content-Length': sent.length }),
            ...headers,
          },
        });
        const broke = () => resolve({ status: 0, ms: after(), headers: {}, text: '' });
        asked.on('error', broke).on('response', (answer) => {
          const done = (said: string) =>
            resolve({ status: answer.statusCode ?? 0, ms: after(), headers: answer.headers, text: said });
          text(answer).then(done, broke);
        });
        asked.end(sent);
      });
    },
    end: () => agent.destroy(),
  };
}

/** The addresses of so many networks, all of this machine. */
export const networks = (count: number, second: number): string[] =>
  Array.from({ length: count }, (_, index) => `127.${second}.${Math.floor(index / 250)}.${1 + (index % 250)}`);
