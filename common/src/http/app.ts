import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import { Histogram, type Registry } from 'prom-client';
import { ZodError, z } from 'zod';
import { problemStatus } from '../contracts/problem.ts';
import { invalidRequest, notFound, Problem, problem } from '../problem.ts';
import { isStoreAway } from '../store/mongo.ts';
import { currentTraceparent, withTraceparent } from '../telemetry/trace.ts';
import { limitWrites } from './rate-limit.ts';

export interface AppOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly routes: Router | Router[];
  /** What the service still waits for; empty when it can do its work. */
  readonly readiness: () => string[];
  /** Routes that want the body as it came, such as a webhook with a signature. */
  readonly beforeParsing?: Router;
  /** How many changes one caller may ask for within a minute. Default: as many as they like. */
  readonly writesPerMinute?: number;
  /** How many proxies of our own stand before the service, so that `req.ip` is the caller's. Default 1, the gateway. */
  readonly trustProxy?: number;
}

/**
 * The HTTP side of a service: request ids, logs, metrics, health, JSON bodies of at most 100 kB, and every error as a problem (RFC 9457).
 *
 * Paths are matched case by case and slash by slash, as the gateway matches them: `/api/ORDERS` must not pass a gateway that guards `/api/orders`.
 */
export function createApp(options: AppOptions): Express {
  const { logger, metrics, routes, readiness, beforeParsing, writesPerMinute, trustProxy = 1 } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('trust proxy', trustProxy);
  app.set('query parser', 'simple');

  app.get('/healthz/live', (_req, res) => void res.json({ live: true }));
  app.get('/healthz/ready', (_req, res) => {
    const waitingFor = readiness();
    res.status(waitingFor.length === 0 ? 200 : 503).json({ ready: waitingFor.length === 0, waitingFor });
  });
  app.get('/metrics', async (_req, res) => void res.type(metrics.contentType).send(await metrics.metrics()));

  app.use(observe(logger, metrics));
  if (beforeParsing) app.use(beforeParsing);
  if (writesPerMinute !== undefined) app.use(limitWrites(writesPerMinute));
  app.use(jsonBodies());
  app.use(routes);
  app.use(() => {
    throw notFound();
  });
  app.use(answerProblems(logger));
  return app;
}

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

function jsonBodies(): RequestHandler {
  const parse = express.json({ limit: 100_000, strict: true, type: 'application/json' });
  return (req, res, next) => {
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
    if (hasBody && !req.is('application/json')) {
      throw problem('unsupported-media-type', 'Bodies are application/json here.');
    }
    parse(req, res, next);
  };
}

/** What went wrong, said to the caller as far as it is theirs to know. */
function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    if (res.headersSent) {
      // Half an answer cannot become another one: cut it off, so that nobody takes it for a whole.
      logger.error({ err: error, requestId: res.locals.requestId }, 'unexpected error in the middle of an answer');
      if (!res.writableEnded) res.destroy();
      return;
    }
    const known = toProblem(error);
    if (known) {
      if (statusOf(known) >= 500) logger.warn({ err: error, requestId: res.locals.requestId }, known.code);
      return send(res, known);
    }
    const errorId = randomUUID();
    logger.error({ err: error, errorId, requestId: res.locals.requestId }, 'unexpected error');
    return send(res, problem('internal'), { errorId });
  };
}

function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) return invalidRequest(error.issues.flatMap(fieldErrors));
  if (isStoreAway(error)) {
    return problem('unavailable', 'This cannot be done at the moment; please try again.', {
      retryAfterSeconds: 2,
    });
  }
  switch (bodyErrorType(error)) {
    case 'entity.parse.failed':
      return problem('invalid-json', 'The body is no JSON.');
    case 'entity.too.large':
      return problem('too-large', 'The body is larger than 100 kB.');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return problem('unsupported-media-type', 'The body is in a charset or encoding that is not known here.');
    case 'encoding.broken':
      return problem('invalid-encoding', 'The body is not encoded as it says.');
    case 'request.aborted':
    case 'request.size.invalid':
      return problem('incomplete', 'The body did not arrive whole.');
    default:
      // A path with a broken percent-encoding.
      return error instanceof URIError
        ? problem('invalid-path', 'The path is not encoded as it should be.')
        : undefined;
  }
}

function fieldErrors(issue: ZodError['issues'][number]): { field: string; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is not known' }));
  }
  return [{ field: issue.path.join('.'), message: issue.message }];
}

/** How body-parser names what went wrong. What zlib says about a broken body it hands on as it is. */
function bodyErrorType(error: unknown): string | undefined {
  const { type, code } = BodyError.safeParse(error).data ?? {};
  return type ?? (code?.startsWith('Z_') ? 'encoding.broken' : undefined);
}

const BodyError = z.object({ type: z.string().optional(), code: z.string().optional() });

/** The status that a problem is answered with. */
export const statusOf = ({ code }: Problem): number => problemStatus[code];

function send(res: express.Response, known: Problem, more: object = {}): void {
  if (known.retryAfterSeconds !== undefined) res.set('Retry-After', String(Math.ceil(known.retryAfterSeconds)));
  res
    .status(statusOf(known))
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[statusOf(known)],
        status: statusOf(known),
        code: known.code,
        detail: known.detail,
        errors: known.errors,
        ...more,
      }),
    );
}
