import pino, { type Logger } from 'pino';
import { printable } from './printable.ts';
import { currentOrder } from './span.ts';
import { currentTrace } from './trace.ts';

/**
 * Logs JSON lines to standard output, each with the trace, span and order that it belongs to, if any.
 *
 * Lines are written synchronously, so everything that a process logged before it was killed is there, in order.
 * JSON does not escape C1 control characters; they are escaped here, so that logged input cannot control a terminal.
 *
 * @param write Default: standard output
 */
export function createLogger(
  { name, level }: { name: string; level: string },
  write: (line: string) => void = toStandardOutput(),
): Logger {
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
      mixin: () => {
        const [trace, orderId] = [currentTrace(), currentOrder()];
        return {
          ...(trace && { traceId: trace.traceId, spanId: trace.spanId }),
          ...(orderId && { orderId }),
        };
      },
    },
    { write: (line: string) => write(`${printable(line.trimEnd())}\n`) },
  );
}

function toStandardOutput(): (line: string) => void {
  // Without `sync` pino 10 leaves the last lines to its exit handler, which a kill -9 does not call.
  const output = pino.destination({ dest: 1, sync: true });
  return (line) => void output.write(line);
}
