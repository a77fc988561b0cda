import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { problemStatus } from '../contracts/problem.ts';
import { Problem, problem } from '../problem.ts';
import { isStoreAway } from '../store/mongo.ts';

/** Answers errors as problems, without internal details. */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    if (res.headersSent) {
      // Part of the answer has been sent. Closing the connection shows the caller that it is incomplete.
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
  if (isStoreAway(error)) {
    return problem('unavailable', 'This cannot be done at the moment; please try again.', { retryAfterSeconds: 2 });
  }
  // A path with a broken percent-encoding.
  return error instanceof URIError ? problem('invalid-path', 'The path is not validly encoded.') : undefined;
}

/** The status that a problem is answered with. */
export const statusOf = ({ code }: Problem): number => problemStatus[code];

function send(res: Response, known: Problem, more: object = {}): void {
  const status = statusOf(known);
  if (known.retryAfterSeconds !== undefined) res.set('Retry-After', String(Math.ceil(known.retryAfterSeconds)));
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  // The rest of the request may never arrive, so the connection is not kept.
  if (status === 408) res.set('Connection', 'close');
  const { code, detail, errors, extensions } = known;
  res
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        code,
        detail,
        errors,
        ...extensions,
        ...more,
      }),
    );
}
