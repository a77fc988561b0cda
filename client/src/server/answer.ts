import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';

/**
 * The answer to the request that a page is rendered for.
 *
 * Next.js lets a page say 404, but then sends an empty document that only JavaScript fills, and no page can say 503.
 * Node itself announces every request with its answer, so the status can be set where the page is made.
 */
const answers = shared(Symbol.for('box-office.answers'));

/** Next.js bundles this file more than once; all copies must mean the same store. */
function shared(key: symbol): AsyncLocalStorage<ServerResponse> {
  const held: unknown = Reflect.get(globalThis, key);
  if (held instanceof AsyncLocalStorage) return held;
  const made = new AsyncLocalStorage<ServerResponse>();
  Reflect.set(globalThis, key, made);
  return made;
}

export function followAnswers(): void {
  subscribe('http.server.request.start', (message) => {
    const response: unknown = Reflect.get(Object(message), 'response');
    if (response instanceof ServerResponse) answers.enterWith(response);
  });
}

/** Gives the page another status than 200. Does nothing once a part of the page is on its way. */
export function answerWith(status: number, headers: Readonly<Record<string, string>> = {}): void {
  const answer = answers.getStore();
  if (!answer || answer.headersSent) return;
  answer.statusCode = status;
  for (const [name, value] of Object.entries(headers)) answer.setHeader(name, value);
}
