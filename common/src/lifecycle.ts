import type { RequestListener, Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { countdown, within } from './deadline.ts';
import { safeHeaders } from './http/safe-headers.ts';
import { newServer } from './http/server.ts';
import { startTelemetry } from './telemetry/start.ts';

/** The longest that a process may keep serving after a stop signal, in ms. */
export const longestDrainMs = 5_000;
/** How long a process may take to stop after draining, in ms: pending requests first, then its parts. */
const usualStopMs = 10_000;
/**
 * The longest that a process takes to end after SIGTERM, in ms. What ends processes must give them more:
 * `terminationGracePeriodSeconds` in the manifests, and the local runner.
 */
export const longestStopMs = longestDrainMs + usualStopMs;
/** Reserved for each part that is still to stop, in ms, so that a slow part does not use up all the time. */
const reservedPerPartMs = 500;

/** A started service. */
export interface Running {
  /** Handles requests from now on. */
  readonly app: RequestListener;
  /**
   * Called one after the other, once the last request has been answered. Each receives its time limit in ms and is
   * abandoned if it takes longer.
   */
  readonly stop: readonly ((withinMs: number) => Promise<unknown>)[];
}

export interface RunOptions {
  readonly name: string;
  readonly port: number;
  /** The address to listen on. Default: all of this machine. */
  readonly host?: string | undefined;
  readonly logger: Logger;
  /**
   * Connects and starts the service. May wait for its engines as long as needed: see `waitFor`.
   * `signal` fires if the process is told to stop before it is up.
   */
  readonly start: (signal: AbortSignal) => Promise<Running>;
  /**
   * How long pending requests may take after the server has closed, in ms, before they are cut off so that the parts
   * can still stop cleanly. Default 4 s.
   */
  readonly answerWithinMs?: number;
  /** How long stopping may take after the drain, in ms, including pending requests. Default and maximum: 10 s. */
  readonly stopWithinMs?: number;
  /**
   * How long it keeps serving after a stop signal while reporting not ready, in ms: long enough for the gateway to
   * notice. Default 0. Otherwise a gateway that polls every second would still send requests, and a POST is not
   * retried.
   */
  readonly drainMs?: number;
}

/**
 * The lifecycle of a service's process. It listens at once, live but not ready, so start order does not matter, and
 * serves requests once `start` resolves. On SIGTERM or SIGINT it reports not ready, drains the load balancer for
 * `drainMs`, accepts no new connections, finishes pending requests, stops its parts in order, and exits at most
 * `stopWithinMs` after the drain. A second signal ends it at once.
 */
export async function run(options: RunOptions): Promise<void> {
  const { name, port, host, logger, start, answerWithinMs = 4_000, stopWithinMs = usualStopMs, drainMs = 0 } = options;
  const stopping = new AbortController();
  let app = notReady('starting', 'The service is starting. Please try again.', ['NATS and the database']);
  let up = false;
  const stopped = notReady('stopping', 'The service is being stopped.', []);
  const server = newServer((req, res) => {
    if (stopping.signal.aborted) res.setHeader('Connection', 'close');
    res.on('close', () => {
      // Requests pending when the server closed were answered on keep-alive connections, which are no longer needed.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    const answer = stopping.signal.aborted && req.url === '/healthz/ready' ? stopped : app;
    answer(req, res);
  });

  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
  const stopRequested = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (stopping.signal.aborted) process.exit(1);
        stopping.abort();
        resolve();
      });
    }
  });

  try {
    await listen(server, port, host);
  } catch (error) {
    logger.fatal({ err: error }, `${name} cannot listen on port ${port}`);
    process.exit(1);
  }
  logger.info({ port, host }, `${name} listens`);

  const telemetry = await startTelemetry(name);
  const running = start(stopping.signal).catch((error: unknown) => {
    if (stopping.signal.aborted) return undefined;
    logger.fatal({ err: error }, `${name} could not start`);
    process.exit(1);
  });
  void running.then((it) => {
    if (!it) return;
    app = it.app;
    up = true;
    logger.info(`${name} is up`);
  });

  await stopRequested;
  logger.info(`${name} stops`);
  if (up) await sleep(drainMs);
  const left = countdown(stopWithinMs);
  setTimeout(() => {
    logger.error(`${name} did not stop within ${stopWithinMs} ms`);
    process.exit(1);
  }, stopWithinMs).unref();
  await close(server, answerWithinMs);
  const parts = [...((await running)?.stop ?? []), ...(telemetry ? [telemetry.stop] : [])];
  for (const [index, stop] of parts.entries()) {
    // One share is reserved for the exit itself.
    const withinMs = Math.max(left() - reservedPerPartMs * (parts.length - index), 0);
    const inTime = await within(withinMs, stop(withinMs)).catch((error) => {
      logger.warn({ err: error }, 'a part did not stop cleanly');
      return true;
    });
    if (!inTime) logger.warn('a part did not stop in time');
  }
  logger.info(`${name} stopped`);
  process.exit(0);
}

/**
 * Retries until it succeeds, with growing pauses of at most half a second. Logs what it is waiting for and why, and
 * again only if the reason changes.
 *
 * @throws the last error of `attempt`, when `signal` fires
 */
export async function waitFor<Result>(
  what: string,
  attempt: () => Promise<Result>,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<Result> {
  let lastReason: string | undefined;
  for (let tries = 1; ; tries++) {
    try {
      const result = await attempt();
      if (tries > 1) logger.info(`${what}: there it is`);
      return result;
    } catch (error) {
      if (String(error) !== lastReason) logger.info({ reason: String(error) }, `waiting for ${what}`);
      lastReason = String(error);
      await sleep(Math.min(50 * 2 ** tries, 500), undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

/** Live but not ready: while starting and while stopping. */
function notReady(code: string, detail: string, waitingFor: string[]): RequestListener {
  return (req, res) => {
    const live = req.url === '/healthz/live';
    res.writeHead(live ? 200 : 503, {
      ...safeHeaders,
      'Content-Type': live ? 'application/json' : 'application/problem+json',
      ...(live ? {} : { 'Retry-After': '1' }),
    });
    const problem = { type: 'about:blank', title: 'Service Unavailable', status: 503, code, detail };
    res.end(JSON.stringify(live ? { live } : { ...problem, ready: false, waitingFor }));
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
}

/** Waits for pending requests for at most `withinMs`; idle connections are closed at once. */
function close(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), withinMs).unref();
  });
}
