import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { parse } from 'node:querystring';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { invalidRequest, notFound } from '../problem.ts';
import { inRequest } from '../telemetry/server-request.ts';
import { bound } from '../telemetry/span.ts';
import { answerProblems } from './answer-problems.ts';
import { type BodyLimits, bodyReader } from './body.ts';
import type { Identity } from './identity.ts';
import { limitWrites } from './rate-limit.ts';
import type { Route } from './route.ts';
import { safeHeaders } from './safe-headers.ts';
import { serve } from './serve.ts';

export interface AppOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly routes: readonly Route[];
  /** Verifies who is calling; required if any route is for signed-in users. */
  readonly identity?: Identity;
  /** What the service is still waiting for; empty when it is ready. */
  readonly readiness: () => string[];
  /** The most changes that one caller may request per minute. Default: no limit. */
  readonly writesPerMinute?: number;
  /** How many of our own proxies are in front of the service; `req.ip` depends on it. Default 1, the gateway. */
  readonly trustProxy?: number;
  readonly bodies?: BodyLimits;
}

/**
 * The HTTP side of a service: routes, request ids, logs, metrics, health endpoints, and errors as problems (RFC 9457).
 *
 * Paths are matched exactly, including case and trailing slashes, because the gateway does so: otherwise `/api/ORDERS`
 * would get past its rule for `/api/orders`.
 */
export function createApp(options: AppOptions): RequestListener {
  const { logger, metrics, routes, identity, readiness, writesPerMinute, trustProxy = 1 } = options;
  const bodies = bodyReader(options.bodies);
  new Gauge({
    name: 'http_request_body_bytes_held',
    help: 'Bytes held for request bodies that have not arrived completely',
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
  app.set('query parser', plainQuery);

  app.use((_req, res, next) => {
    res.set(safeHeaders);
    next();
  });
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
 * Parses a query that the gateway reads in the same way. Go drops what it cannot decode and what contains a semicolon;
 * a search in disguise would get past the gateway's limit for searches.
 *
 * @throws Problem 400 `invalid-request`
 */
function plainQuery(query: string | null): Record<string, unknown> {
  if (query && /;|%(?![\da-f]{2})/i.test(query))
    throw invalidRequest([{ field: 'query', message: 'must be percent-encoded, without a bare semicolon' }]);
  return { ...parse(query ?? '') };
}

/**
 * The path of a request target in absolute form, `GET http://shop.example/api/tickets`, which servers must accept too
 * (RFC 9112 §3.2.2). The host is ignored: it is whatever the caller wrote, and may not be valid.
 */
const originForm = (url: string): string =>
  url.startsWith('/') ? url : `/${url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*\/?/i, '')}`;

/** Logs and measures each request once, in the caller's trace and under the caller's request id if it has them. */
function observe(logger: Logger, metrics: Registry): RequestHandler {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  return (req, res, next) => {
    const route = () => (typeof req.route?.path === 'string' ? req.route.path : undefined);
    inRequest(req, res, { path: req.path, route }, (span) => {
      const asked = req.get('x-request-id');
      const requestId = asked && /^[\w.:-]{1,100}$/.test(asked) ? asked : randomUUID();
      const startedAt = performance.now();
      span.setAttribute('box_office.request.id', requestId);
      res.set('x-request-id', requestId);
      res.locals.requestId = requestId;
      const close = () => {
        const seconds = (performance.now() - startedAt) / 1000;
        duration.observe({ method: req.method, route: route() ?? 'none', status: res.statusCode }, seconds);
        logger.info(
          {
            requestId,
            method: req.method,
            path: req.path,
            status: res.statusCode,
            ms: Math.round(seconds * 1000),
            ...(res.writableFinished ? {} : { aborted: true }),
          },
          'request',
        );
      };
      res.on('close', bound(close));
      next();
    });
  };
}
