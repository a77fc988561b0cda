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
