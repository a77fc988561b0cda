import pino, { type Logger } from 'pino';

/** A logger whose lines a test can read, parsed by whoever looks at them. */
export function loggerInto(lines: string[]): Logger {
  return pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
}
