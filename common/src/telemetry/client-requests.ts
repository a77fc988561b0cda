import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { failed, type Span, SpanKind, startCall } from './span.ts';
import { traceparentOf } from './trace.ts';

/** A request of `fetch`, as its diagnostics channel shows it. */
interface FetchRequest {
  readonly origin: string;
  readonly method: string;
  addHeader(name: string, value: string): void;
}

type Listener = (message: unknown) => void;

/**
 * Makes a span of each HTTP request that is sent within a task, by `node:http` or by `fetch`, and sends its
 * `traceparent` along. Only the method, the server and the status are recorded: paths and queries may hold secrets.
 *
 * Node publishes these events without anything being patched, so it works in whichever order modules are loaded.
 *
 * @returns a function that ends it
 */
export function watchClientRequests(): () => void {
  const spans = new WeakMap<object, Span>();

  function begin(request: object, method: string, host: string, port: string): Span | undefined {
    const span = startCall(method, SpanKind.CLIENT, {
      'http.request.method': method,
      'server.address': host,
      ...(port ? { 'server.port': Number(port) } : {}),
    });
    if (span) spans.set(request, span);
    return span;
  }

  function end(request: object, status: number): void {
    const span = spans.get(request);
    if (!span) return;
    span.setAttribute('http.response.status_code', status);
    if (status >= 400) failed(span, String(status));
    finish(request, span);
  }

  function fail(request: object, error: unknown): void {
    const span = spans.get(request);
    if (!span) return;
    failed(span, error);
    finish(request, span);
  }

  function finish(request: object, span: Span): void {
    span.end();
    spans.delete(request);
  }

  const listeners: Readonly<Record<string, Listener>> = {
    'http.client.request.created'(message) {
      const { request } = message as { request: ClientRequest };
      if (request.headersSent) return;
      const { hostname, port } = addressOf(`${request.protocol}//${request.getHeader('host') ?? request.host}`);
      const span = begin(request, request.method, hostname, port);
      if (span) request.setHeader('traceparent', traceparentOf(span.spanContext()));
    },
    'http.client.response.finish'(message) {
      const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
      end(request, response.statusCode ?? 0);
    },
    'http.client.request.error'(message) {
      const { request, error } = message as { request: ClientRequest; error: unknown };
      fail(request, error);
    },
    'undici:request:create'(message) {
      const { request } = message as { request: FetchRequest };
      const { hostname, port } = addressOf(request.origin);
      const span = begin(request, request.method, hostname, port);
      if (span) request.addHeader('traceparent', traceparentOf(span.spanContext()));
    },
    'undici:request:headers'(message) {
      const { request, response } = message as { request: FetchRequest; response: { statusCode: number } };
      end(request, response.statusCode);
    },
    'undici:request:error'(message) {
      const { request, error } = message as { request: FetchRequest; error: unknown };
      fail(request, error);
    },
  };
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
  };
}

function addressOf(origin: string): { readonly hostname: string; readonly port: string } {
  return URL.canParse(origin) ? new URL(origin) : { hostname: '', port: '' };
}
