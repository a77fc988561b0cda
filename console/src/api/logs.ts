/** `GET /api/logs?q&service&level&trace&order` → `Page<LogLine>`; `level` is the lowest that is shown. */
export interface LogLine {
  /** Counts the lines that this console has read. */
  readonly number: number;
  readonly at: string;
  /** The name of the process. */
  readonly service: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly traceId?: string;
  readonly orderId?: string;
  /** Everything else in the line. Secrets are replaced by `•••`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The message of the error in a line, or nothing. */
export function reasonIn({ err }: LogLine['fields']): string {
  if (typeof err !== 'object' || err === null || !('message' in err)) return '';
  return `${err.message}`.split('\n', 1)[0] ?? '';
}
