import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage, ServerResponse } from 'node:http';
import { inRequest } from '@box-office/common/telemetry/server-request';
import { aboutOrder, currentWithin, type Within } from '@box-office/common/telemetry/span';
import { asksForTelemetry } from '@box-office/common/telemetry/start';
import { routeOf } from '../lib/routes.ts';

/** The request that a page is rendered for. */
interface CurrentRequest {
  readonly response: ServerResponse;
  /** Runs what is done for the page in its span, if it has one. */
  readonly within: Within;
}

/**
 * In Next.js a page can answer 404, but then the document is empty until JavaScript fills it, and no page can answer
 * 503. Node publishes every request with its response on a diagnostics channel, so the status can be set during
 * rendering.
 */
const requests = shared(Symbol.for('box-office.requests'));

/** Next.js bundles this file more than once; all copies must share one store. */
function shared(key: symbol): AsyncLocalStorage<CurrentRequest> {
  const held: unknown = Reflect.get(globalThis, key);
  if (held instanceof AsyncLocalStorage) return held;
  const made = new AsyncLocalStorage<CurrentRequest>();
  Reflect.set(globalThis, key, made);
  return made;
}

export function trackRequests(): void {
  const isTraced = asksForTelemetry(process.env);
  subscribe('http.server.request.start', (message) => {
    const { request, response }: Record<string, unknown> = Object(message);
    if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return;
    requests.enterWith({ response, within: isTraced ? spanOf(request, response) : directly });
  });
}

const directly: Within = (run) => run();

/** A span of our own: the framework's hold whole addresses, and the query of a link from a mail is a key. */
function spanOf(request: IncomingMessage, response: ServerResponse): Within {
  const path = request.url?.split('?', 1)[0] ?? '';
  const found = routeOf(path);
  if (!found) return directly;
  return inRequest(request, response, { path, route: () => found.route }, () => {
    if (found.route === '/orders/:id') aboutOrder(found.id);
    return currentWithin();
  });
}

/** Runs what is done for the page in the page's span, if it has one. */
export const withinRequest: Within = (run) => (requests.getStore()?.within ?? directly)(run);

/** Sets the page's status. Does nothing once part of the page has been sent. */
export function setStatus(status: number, headers: Readonly<Record<string, string>> = {}): void {
  const response = requests.getStore()?.response;
  if (!response || response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
