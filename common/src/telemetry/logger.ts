import pino, { type Logger } from 'pino';
import { currentTrace } from './trace.ts';

/**
 * Logs JSON lines to standard output, each with the trace it belongs to. Making them pretty is the business of whoever shows them.
 *
 * A line is written when it is logged, not later: what a process said before it was killed is there, and in order.
 */
export function createLogger({ name, level }: { name: string; level: string }): Logger {
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
      mixin: () => {
        const trace = currentTrace();
        return trace ? { traceId: trace.traceId } : {};
      },
    },
    // Without `sync` pino 10 leaves the last lines to its exit handler, which a kill -9 does not call.
    pino.destination({ dest: 1, sync: true }),
  );
}
