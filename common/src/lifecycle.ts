import type { RequestListener, Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { countdown, within } from './deadline.ts';
import { newServer } from './http/server.ts';

/** The longest that a process may serve on after it was told to stop, in ms. */
export const longestDrainMs = 5_000;
/** How long a process may take to stop once it has drained, in ms: requests under way, then its parts. */
const usualStopMs = 10_000;
/**
 * The longest that a process takes to end after SIGTERM, in ms. What ends processes must give them more:
 * `terminationGracePeriodSeconds` in the manifests, and the local runner.
 */
export const longestStopMs = longestDrainMs + usualStopMs;
/** Kept for each part that stops after another, in ms, so that a slow one does not take all the time there is. */
const keptForEachMs = 500;

/** What a service turns out to be once its engines answer. */
export interface Running {
  /** Answers requests from now on. */
  readonly app: RequestListener;
  /**
   * Stops in this order, one after the other, after the last request was answered. Each is told how many ms it has,
   * and is left behind when it takes longer.
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
   * Connects and starts the service. May take as long as its engines need: see `waitFor`.
   * `signal` fires when the process is told to stop before it is up.
   */
  readonly start: (signal: AbortSignal) => Promise<Running>;
  /** How long requests under way may take once the server has closed, in ms; then they are cut off, so that the parts behind still stop cleanly. Default 4 s. */
  readonly answerWithinMs?: number;
  /** How long it may take to stop after the drain, in ms, the requests under way included. Default and most: 10 s. */
  readonly stopWithinMs?: number;
  /**
   * How long it serves on once it is told to stop, in ms, while it says that it is not ready: as long as whoever leads requests to it needs to notice. Default 0.
   * A gateway that looks every second would lead them to a closed door meanwhile, and a POST is not sent twice.
   */
  readonly drainMs?: number;
}

/**
 * The life of a service's process. It listens at once, live and not ready, so start order does not matter; it takes requests when `start` is through;
 * on SIGTERM or SIGINT it is no longer ready, drains the load balancer for `drainMs`, takes no new connections, finishes what runs, stops its parts in order,
 * and exits at most `stopWithinMs` after the drain. A second signal ends it at once.
 */
export async function run(options: RunOptions): Promise<void> {
  const { name, port, host, logger, start, answerWithinMs = 4_000, stopWithinMs = usualStopMs, drainMs = 0 } = options;
  const stopping = new AbortController();
  let app = notReady('starting', 'The service has just been started; please try again.', ['its engines']);
  let up = false;
  const stopped = notReady('stopping', 'The service is being stopped.', []);
  const server = newServer((req, res) => {
    if (stopping.signal.aborted) res.setHeader('Connection', 'close');
    res.on('close', () => {
      // What was under way when the server closed has been answered on a connection meant to be used again: nothing comes on it any more.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    const answer = stopping.signal.aborted && req.url === '/healthz/ready' ? stopped : app;
    answer(req, res);
  });

  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'an error that nobody handled');
    process.exit(1);
  });
  const told = new Promise<void>((resolve) => {
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

  await told;
  logger.info(`${name} stops`);
  if (up) await sleep(drainMs);
  const left = countdown(stopWithinMs);
  setTimeout(() => {
    logger.error(`${name} did not stop within ${stopWithinMs} ms`);
    process.exit(1);
  }, stopWithinMs).unref();
  await close(server, answerWithinMs);
  const parts = (await running)?.stop ?? [];
  for (const [index, stop] of parts.entries()) {
    // One is kept for the way out, too.
    const withinMs = Math.max(left() - keptForEachMs * (parts.length - index), 0);
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
 * Tries until it succeeds, with growing pauses of at most half a second. Says what it waits for and why: once, and again only when the reason is another.
 *
 * @throws what `attempt` threw last, when `signal` fires
 */
export async function waitFor<Result>(
  what: string,
  attempt: () => Promise<Result>,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<Result> {
  let said: string | undefined;
  for (let tries = 1; ; tries++) {
    try {
      const result = await attempt();
      if (tries > 1) logger.info(`${what}: there it is`);
      return result;
    } catch (error) {
      if (String(error) !== said) logger.info({ reason: String(error) }, `waiting for ${what}`);
      said = String(error);
      await sleep(Math.min(50 * 2 ** tries, 500), undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

/** Live, and nobody is to be led here: before the engines answer, and while it stops. */
function notReady(code: string, detail: string, waitingFor: string[]): RequestListener {
  return (req, res) => {
    const live = req.url === '/healthz/live';
    res.writeHead(live ? 200 : 503, {
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

/** Waits for requests under way, up to a point; connections that merely idle are closed at once. */
function close(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), withinMs).unref();
  });
}
