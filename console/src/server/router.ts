import type { IncomingMessage, ServerResponse } from 'node:http';
import { notThere, Refused } from '../refused.ts';

interface Asking {
  readonly query: URLSearchParams;
  /** The words of the path that stand for `:names`. */
  readonly named: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers with what is to be sent as JSON; with undefined, 204. */
type Handler = (asking: Asking) => unknown;

export type Routes = Readonly<Record<`${'GET' | 'POST'} /${string}`, Handler>>;

const longestBody = 100_000;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

/** A function that answers a request if there is a route for its path, and says whether there is. */
export function router(routes: Routes) {
  const known: readonly Route[] = Object.entries(routes).map(([key, handle]) => {
    const [method = '', path = ''] = key.split(' ');
    return { method, pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handle };
  });
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const there = known.filter(({ pattern }) => pattern.test(url.pathname));
    const route = there.find(({ method }) => method === request.method);
    if (!route && there.length > 0)
      throw new Refused(405, 'method', `Only ${there.map((it) => it.method).join(', ')}.`);
    if (!route) throw notThere('There is no such path.');
    const found = route.pattern.exec(url.pathname)?.groups ?? {};
    const named = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, decoded(value)]));
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    const answer = await route.handle({ query: url.searchParams, named, body });
    if (answer === undefined) response.writeHead(204).end();
    else sendJson(response, 200, answer);
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    throw notThere('There is no such path.');
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = (await bytesOf(request, longestBody)).toString();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 'invalid', 'The body is not JSON.');
  }
}

/** @throws Refused 413 */
export async function bytesOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > most) throw new Refused(413, 'too-large', `A body may have ${most} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
