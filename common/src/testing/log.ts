import pino, { type Logger } from 'pino';

/** A logger that appends its JSON lines to `lines`. */
export function loggerInto(lines: string[]): Logger {
  return pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
}
