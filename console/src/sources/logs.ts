import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLevel, LogLine } from '../api/logs.ts';
import type { Page } from '../api/page.ts';
import type { Hub } from '../hub.ts';
import { type Asked, pageOf } from '../paging.ts';
import { redactFields, redactText } from '../redact.ts';
import { notThere } from '../refused.ts';
import { ring } from '../ring.ts';

interface LogFilter extends Asked {
  readonly service?: string | undefined;
  /** The lowest. */
  readonly level?: LogLevel | undefined;
  readonly trace?: string | undefined;
  readonly order?: string | undefined;
  readonly q?: string | undefined;
}

export interface Logs {
  /** Whether it was told of any. */
  readonly areThere: boolean;
  /** The newest lines that match, of those that are kept. @throws Refused 404 when it was told of none */
  list(filter: LogFilter): Page<LogLine>;
  /** The requests that are wanted, newest first. */
  requests(isWanted: (line: LogLine) => boolean): LogLine[];
  /** Reads what was written since. */
  read(): Promise<void>;
}

const noLogs =
  'This console reads no log lines. In a cluster they are in VictoriaLogs, if you run it, or: ' +
  'kubectl --namespace box-office logs --selector app.kubernetes.io/component=service --prefix --tail=-1 --since=1h';

const mostLines = 5_000;
const mostBytes = 4_000_000;
/** How much of each file is read when the console starts. */
const tailBytes = 200_000;
/** How much is read of a file at once; of more, the newest part. */
const mostAtOnce = 1_000_000;
const longestLine = 16_000;

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const weight = (level: LogLevel) => levels.indexOf(level);

interface Kept {
  readonly line: LogLine;
  /** All of it, for the search. */
  readonly text: string;
}

/** The lines in the files of a folder, `<process>.log`, each of which is renamed when it is full. */
export function logs(dir: string | undefined, { tell }: Pick<Hub, 'tell'>): Logs {
  const kept = ring<Kept>(mostLines, mostBytes);
  const readUpTo = new Map<string, { inode: number; offset: number; rest: string }>();
  let number = 0;

  function keep(service: string, written: string): void {
    if (written.trim() === '') return;
    const line = { number: ++number, ...lineOf(service, written.slice(0, longestLine)) };
    kept.add({ line, text: redactText(written.slice(0, longestLine)).toLowerCase() }, 2 * written.length + 200);
    tell('log', line);
  }

  async function readFile(name: string): Promise<void> {
    if (dir === undefined) return;
    const path = join(dir, name);
    const { ino: inode, size } = await stat(path);
    const known = readUpTo.get(name);
    const isSame = known?.inode === inode && known.offset <= size;
    const from = Math.max(isSame ? known.offset : known ? 0 : size - tailBytes, size - mostAtOnce, 0);
    if (isSame && from === size) return;
    const bytes = Buffer.alloc(size - from);
    const file = await open(path);
    try {
      await file.read(bytes, 0, bytes.length, from);
    } finally {
      await file.close();
    }
    // What comes first after a jump is the end of some line.
    const isWhole = from === 0 || (isSame && from === known.offset);
    const lines = `${isSame && isWhole ? known.rest : ''}${bytes.toString()}`.split('\n');
    const rest = lines.pop() ?? '';
    readUpTo.set(name, { inode, offset: size, rest });
    for (const written of lines.slice(isWhole ? 0 : 1)) keep(name.replace(/\.log$/, ''), written);
  }

  return {
    areThere: dir !== undefined,

    list(filter) {
      if (dir === undefined) throw notThere(noLogs);
      const { service, level = 'debug', trace, order, q } = filter;
      const wanted = q?.toLowerCase();
      const matching = kept
        .newestFirst()
        .filter(
          ({ line, text }) =>
            (service === undefined || line.service === service) &&
            weight(line.level) >= weight(level) &&
            (trace === undefined || line.traceId === trace) &&
            (order === undefined || text.includes(order)) &&
            (!wanted || text.includes(wanted)),
        );
      const { items, next } = pageOf(matching, filter, ({ line }) => `${line.number}`);
      return { items: items.map(({ line }) => line), ...(next ? { next } : {}) };
    },

    requests: (isWanted) => [
      ...kept
        .newestFirst()
        .filter(({ line }) => line.message === 'request' && isWanted(line))
        .map(({ line }) => line),
    ],

    async read() {
      if (dir === undefined) return;
      const names = await readdir(dir).catch(() => []);
      for (const name of names) if (name.endsWith('.log')) await readFile(name).catch(() => undefined);
    },
  };
}

/** A line of pino's JSON, or any other text. */
function lineOf(service: string, written: string): Omit<LogLine, 'number'> {
  const entry = recordIn(written);
  if (!entry) {
    const level: LogLevel = /\b(err|error|fatal|panic)\b/i.test(written)
      ? 'error'
      : /\bwa?rn/i.test(written)
        ? 'warn'
        : 'info';
    return { at: new Date().toISOString(), service, level, message: redactText(written), fields: {} };
  }
  const { level, time, msg, name: _, pid: __, hostname: ___, traceId, trace_id, orderId, ...fields } = entry;
  const trace = typeof traceId === 'string' ? traceId : trace_id;
  const order = typeof orderId === 'string' ? orderId : orderInPath(fields);
  return {
    at: new Date(typeof time === 'string' || typeof time === 'number' ? time : Date.now()).toISOString(),
    service,
    level: levelOf(level),
    message: redactText(typeof msg === 'string' ? msg : ''),
    ...(typeof trace === 'string' ? { traceId: trace } : {}),
    ...(order ? { orderId: order } : {}),
    fields: redactFields(fields),
  };
}

function recordIn(written: string): Record<string, unknown> | undefined {
  if (!written.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(written) as Record<string, unknown>;
    return 'level' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A request that names the order in its path, or a message about it. */
function orderInPath(fields: Readonly<Record<string, unknown>>): string | undefined {
  const text = `${JSON.stringify(fields.req ?? '')} ${fields.subject ?? ''}`;
  return /(?:\/api\/(?:orders|payments)\/|\b(?:orders|payments|expiration)\.)([0-9a-f]{24})\b/.exec(text)?.[1];
}

/** pino's numbers, or names. */
function levelOf(level: unknown): LogLevel {
  if (typeof level === 'number') return level >= 50 ? 'error' : level >= 40 ? 'warn' : level >= 30 ? 'info' : 'debug';
  const name = `${level}`.toLowerCase();
  return levels.find((it) => name.startsWith(it)) ?? (name === 'fatal' ? 'error' : 'info');
}
