import pino, { type Logger } from 'pino';
import { printable } from './printable.ts';
import { currentTrace } from './trace.ts';

/**
 * Logs JSON lines to standard output, each with the trace it belongs to. Making them pretty is the business of whoever shows them.
 *
 * A line is written when it is logged, not later: what a process said before it was killed is there, and in order.
 * Nothing that a stranger sends can act on the terminal of whoever reads the log: JSON leaves C1 controls as they are, so they are escaped here.
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
        const trace = currentTrace();
        return trace ? { traceId: trace.traceId } : {};
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
