import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';

/**
 * The response to the request that a page is rendered for.
 *
 * In Next.js a page can answer 404, but then the document is empty until JavaScript fills it, and no page can answer
 * 503. Node publishes every request with its response on a diagnostics channel, so the status can be set during
 * rendering.
 */
const answers = shared(Symbol.for('box-office.answers'));

/** Next.js bundles this file more than once; all copies must share one store. */
function shared(key: symbol): AsyncLocalStorage<ServerResponse> {
  const held: unknown = Reflect.get(globalThis, key);
  if (held instanceof AsyncLocalStorage) return held;
  const made = new AsyncLocalStorage<ServerResponse>();
  Reflect.set(globalThis, key, made);
  return made;
}

export function trackResponses(): void {
  subscribe('http.server.request.start', (message) => {
    const response: unknown = Reflect.get(Object(message), 'response');
    if (response instanceof ServerResponse) answers.enterWith(response);
  });
}

/** Sets the page's status. Does nothing once part of the page has been sent. */
export function setStatus(status: number, headers: Readonly<Record<string, string>> = {}): void {
  const answer = answers.getStore();
  if (!answer || answer.headersSent) return;
  answer.statusCode = status;
  for (const [name, value] of Object.entries(headers)) answer.setHeader(name, value);
}
