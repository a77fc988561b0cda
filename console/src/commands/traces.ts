import { commandLine } from '@box-office/common/command';
import type { Page } from '../api/page.ts';
import type { Span, Trace, TraceLine } from '../api/traces.ts';
import { type ConsoleClient, exitWith, options } from '../client/console-client.ts';
import { clock, plain, print, printJson, table } from '../client/print.ts';

const { values, words, refuse, positive } = commandLine({
  name: 'npm run traces',
  does: 'lists the newest traces, or shows one',
  words: { 'TRACE (optional)': 'shows the spans of this trace' },
  options: {
    service: { value: 'NAME', does: 'only those that this service had a part in' },
    order: { value: 'ORDER', does: 'only those about this order' },
    'min-ms': { value: 'NUMBER', does: 'only those that took at least so long' },
    errors: { does: 'only those with an error' },
    q: { value: 'TEXT', does: 'only with this text in them' },
    limit: { value: 'NUMBER', default: '20', does: 'how many, at most 200' },
    ...options,
  },
  notes: ['Exits with 0, and with 2 when it could not be told.'],
});

const [traceId, ...more] = words;
if (more.length > 0) refuse('One trace at a time.');

async function main(console: ConsoleClient): Promise<number> {
  if (traceId) return show(await console.get<Trace>(`/api/traces/${encodeURIComponent(traceId)}`));
  const { service, order, q, errors, 'min-ms': minMs } = values;
  const limit = `${positive('limit', values.limit)}`;
  const query = { service, order, q, limit, minMs, errors: errors ? 'true' : undefined };
  const { items } = await console.get<Page<TraceLine>>('/api/traces', query);
  if (values.json) printJson(items);
  else if (items.length > 0) print(table(items.map(row)));
  return 0;
}

const row = ({ traceId, root, at, durationMs, spans, services, errors, orderId }: TraceLine): string[] => [
  clock(at),
  traceId,
  `${Math.round(durationMs)} ms`,
  `${spans} ${spans === 1 ? 'span' : 'spans'}`,
  errors > 0 ? `${errors} failed` : '',
  root,
  `${services.join(', ')}${orderId ? ` (order ${orderId})` : ''}`,
];

function show(trace: Trace): number {
  if (values.json) {
    printJson(trace);
    return 0;
  }
  const { spans } = trace;
  const from = Math.min(...spans.map(({ at }) => at));
  const byParent = Map.groupBy(spans, (it) => (spans.some(({ spanId }) => spanId === it.parentId) ? it.parentId : ''));
  const tell = (parent: string, depth: number): void => {
    for (const it of byParent.get(parent) ?? []) {
      print(plain(lineOf(it, from, depth)));
      tell(it.spanId, depth + 1);
    }
  };
  tell('', 0);
  return 0;
}

function lineOf({ at, durationMs, service, name, status }: Span, from: number, depth: number): string {
  const time = `+${(at - from).toFixed(1)}`.padStart(9);
  const took = `${durationMs.toFixed(1)} ms`.padStart(11);
  return `${time} ${took}  ${'  '.repeat(depth)}${service}: ${name}${status === 'error' ? ' (failed)' : ''}`;
}

await exitWith(values, main);
