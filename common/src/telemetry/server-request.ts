import type { IncomingMessage, ServerResponse } from 'node:http';
import { bound, failed, inTask, type Span, SpanKind } from './span.ts';

export interface RequestOptions {
  /** The path without the query. */
  readonly path: string;
  /** Asked at the end: the pattern that the path has matched; undefined if it is none of ours. */
  readonly route: () => string | undefined;
}

/** Handles a request in a span that ends with the answer. A path that is none of ours may hold anything: left out. */
export function inRequest<Result>(
  req: IncomingMessage,
  res: ServerResponse,
  { path, route: matched }: RequestOptions,
  run: (span: Span) => Result,
): Result {
  const method = req.method ?? '';
  const attributes = { 'http.request.method': method };
  const traceparent = req.headers.traceparent?.toString();
  return inTask(method, { kind: SpanKind.SERVER, traceparent, attributes }, (span) => {
    const close = () => {
      const route = matched();
      if (route) span.updateName(`${method} ${route}`).setAttributes({ 'http.route': route, 'url.path': path });
      span.setAttribute('http.response.status_code', res.statusCode);
      if (!res.writableFinished) failed(span, 'aborted');
      else if (res.statusCode >= 500) failed(span, String(res.statusCode));
      span.end();
    };
    res.on('close', bound(close));
    return run(span);
  });
}
