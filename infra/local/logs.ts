import { printable } from '@box-office/common/telemetry/printable';
import pc from 'picocolors';

type Paint = (text: string) => string;

const paints: readonly Paint[] = [
  pc.cyan,
  pc.green,
  pc.magenta,
  pc.yellow,
  pc.blue,
  pc.cyanBright,
  pc.greenBright,
  pc.magentaBright,
];

/** Interleaves the lines of several processes, each prefixed with the coloured name of its process. */
export function logPrinter(write: (text: string) => void): (name: string, line: string) => void {
  const paintOf = new Map<string, Paint>();
  return (name, line) => {
    if (line.trim() === '') return;
    const paint = paintOf.get(name) ?? paints[paintOf.size % paints.length] ?? pc.white;
    paintOf.set(name, paint);
    for (const part of readable(line).split('\n')) write(`${paint(name.padEnd(10))} ${part}\n`);
  };
}

const levels: Readonly<Record<number, string>> = {
  10: pc.dim('trace'),
  20: pc.dim('debug'),
  30: '',
  40: pc.yellow('warning'),
  50: pc.red('error'),
  60: pc.red('fatal'),
};

/** Makes a line of pino's JSON readable and escapes what a terminal would act on; any other line stays unchanged. */
export function readable(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const { level, time, msg, pid: _pid, hostname: _hostname, name: _name, err, req, res, responseTime, ...rest } = entry;
  const clock = typeof time === 'number' ? pc.dim(new Date(time).toTimeString().slice(0, 8)) : '';
  const request = isRecord(req) ? printable(`${req.method} ${req.url}`) : '';
  const status = isRecord(res) ? `${res.statusCode}` : '';
  const took = typeof responseTime === 'number' ? pc.dim(`${responseTime} ms`) : '';
  const more = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => pc.dim(printable(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)));
  const trouble = isRecord(err) ? `\n${`${err.stack ?? err.message ?? ''}`.split('\n').map(printable).join('\n')}` : '';
  const words = [clock, levels[Number(level)], text(msg), request, status, took, ...more];
  return words.filter(Boolean).join(' ') + trouble;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) && 'level' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? printable(value) : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
