import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { notFound } from '../problem.ts';
import { currentTraceparent, withTraceparent } from '../telemetry/trace.ts';
import { answerProblems } from './answer-problems.ts';
import { type BodyLimits, bodyReader } from './body.ts';
import type { Identity } from './identity.ts';
import { limitWrites } from './rate-limit.ts';
import type { Route } from './route.ts';
import { serve } from './serve.ts';

export interface AppOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly routes: readonly Route[];
  /** Who is signed in; needed as soon as a route asks for it. */
  readonly identity?: Identity;
  /** What the service still waits for; empty when it can do its work. */
  readonly readiness: () => string[];
  /** How many changes one caller may ask for within a minute. Default: as many as they like. */
  readonly writesPerMinute?: number;
  /** How many proxies of our own stand before the service, so that `req.ip` is the caller's. Default 1, the gateway. */
  readonly trustProxy?: number;
  readonly bodies?: BodyLimits;
}

/**
 * The HTTP side of a service: its routes, request ids, logs, metrics, health, and every error as a problem (RFC 9457).
 *
 * Paths are matched case by case and slash by slash, as the gateway matches them: `/api/ORDERS` must not pass a gateway
 * that guards `/api/orders`.
 */
export function createApp(options: AppOptions): RequestListener {
  const { logger, metrics, routes, identity, readiness, writesPerMinute, trustProxy = 1 } = options;
  const bodies = bodyReader(options.bodies);
  new Gauge({
    name: 'http_request_body_bytes_held',
    help: 'How many bytes are held for request bodies that have not arrived whole',
    registers: [metrics],
    collect() {
      this.set(bodies.held());
    },
  });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('trust proxy', trustProxy);
  app.set('query parser', 'simple');

  app.use(safeHeaders);
  app.get('/healthz/live', (_req, res) => void res.json({ live: true }));
  app.get('/healthz/ready', (_req, res) => {
    const waitingFor = readiness();
    res.status(waitingFor.length === 0 ? 200 : 503).json({ ready: waitingFor.length === 0, waitingFor });
  });
  app.get('/metrics', async (_req, res) => void res.type(metrics.contentType).send(await metrics.metrics()));

  app.use(observe(logger, metrics));
  app.use(
    serve(routes, {
      readBody: bodies.read,
      ...(identity ? { identity } : {}),
      ...(writesPerMinute ? { limitWrites: limitWrites(writesPerMinute) } : {}),
    }),
  );
  app.use(() => {
    throw notFound();
  });
  app.use(answerProblems(logger));
  return (req, res) => {
    req.url = originForm(req.url ?? '/');
    app(req, res);
  };
}

/**
 * `GET http://shop.example/api/tickets` asks for `/api/tickets`: HTTP/1.1 has servers take both forms (RFC 9112
 * §3.2.2). The host that a caller makes up is of no use here, and may be none.
 */
const originForm = (url: string): string =>
  url.startsWith('/') ? url : `/${url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*\/?/i, '')}`;

/**
 * Nothing that a service answers is kept by a cache unless it says so, is taken for something else, or is embedded by
 * another site.
 */
const safeHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  next();
};

/** One log line and one measurement per request, under the trace and the request id it came with. */
function observe(logger: Logger, metrics: Registry): RequestHandler {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  return (req, res, next) => {
    withTraceparent(req.get('traceparent'), () => {
      const asked = req.get('x-request-id');
      const requestId = asked && /^[\w.:-]{1,100}$/.test(asked) ? asked : randomUUID();
      const startedAt = performance.now();
      const traceparent = currentTraceparent();
      res.set('x-request-id', requestId);
      res.locals.requestId = requestId;
      res.on('close', () => {
        const seconds = (performance.now() - startedAt) / 1000;
        const route = typeof req.route?.path === 'string' ? req.route.path : 'none';
        duration.observe({ method: req.method, route, status: res.statusCode }, seconds);
        logger.info(
          {
            requestId,
            traceId: traceparent.split('-')[1],
            method: req.method,
            path: req.path,
            status: res.statusCode,
            ms: Math.round(seconds * 1000),
            ...(res.writableFinished ? {} : { aborted: true }),
          },
          'request',
        );
      });
      next();
    });
  };
}
