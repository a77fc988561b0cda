import { request } from 'node:http';
import type { Engine } from '@box-office/local/starting';

/** What reached a stub service, returned to the caller. */
export interface Reached {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Sends a path unchanged: `fetch` would normalize it. */
export function ask(
  gateway: Engine,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; type: string | undefined; text: string; reached: Reached }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const sent = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const reached: Reached = text.startsWith('{"service"') ? JSON.parse(text) : { service: '', headers: {} };
        resolve({ status: answer.statusCode, type: answer.headers['content-type'], text, reached });
      });
    });
    sent.on('error', reject).end();
  });
}
