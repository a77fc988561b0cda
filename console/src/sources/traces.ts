import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Page } from '../api/page.ts';
import type { Trace, TraceLine } from '../api/traces.ts';
import type { Hub } from '../hub.ts';
import { type Asked, pageOf } from '../paging.ts';
import { notThere } from '../refused.ts';
import type { Received } from './otlp.ts';
import { type Sizes, type TraceFiles, traceFiles, usualSizes } from './trace-files.ts';

interface TraceFilter extends Asked {
  readonly q?: string | undefined;
  readonly service?: string | undefined;
  readonly order?: string | undefined;
  readonly minMs?: number | undefined;
  readonly errors?: boolean | undefined;
}

export interface Traces {
  /** Keeps spans. @returns whether there was room for them */
  take(spans: readonly Received[]): boolean;
  list(filter: TraceFilter): Page<TraceLine>;
  /** @throws Refused 404 */
  one(traceId: string): Promise<Trace>;
  stop(): Promise<void>;
}

/** How many traces can be found. The files may hold fewer, or more. */
const mostTraces = 5_000;
/** How many spans may wait for the disk. */
const mostWaiting = 5_000;
/** The most spans that are shown of one trace. */
const mostSpans = 5_000;

interface Known {
  readonly traceId: string;
  root: string;
  /** Whether the root has no parent; otherwise it is the first that came. */
  isRoot: boolean;
  from: number;
  to: number;
  spans: number;
  errors: number;
  orderId: string | undefined;
  readonly services: Set<string>;
  readonly segments: Set<number>;
}

/** Traces in files of a folder, the newest 64 MB; without one, in a folder of this process alone. */
export function traces(
  dir: string | undefined,
  { tell }: Pick<Hub, 'tell'>,
  failed: (what: string, error: unknown) => void,
  sizes: Sizes = usualSizes,
): Traces {
  const known = new Map<string, Known>();
  let waiting: Received[] = [];
  let isStopped = false;
  let stored: TraceFiles | undefined;

  const opening = (async () => {
    stored = await traceFiles(dir ?? (await mkdtemp(join(tmpdir(), 'box-office-traces-'))), sizes);
    for (const segment of [...stored.segments()]) {
      if (isStopped) return;
      for (const span of await stored.all(segment)) learn(span, segment);
      // So that requests are answered meanwhile.
      await nextTurn();
    }
  })().catch((error: unknown) => failed('the stored traces', error));
  let writing: Promise<void> = opening;

  function learn(span: Received, segment: number): Known {
    const { traceId, parentId, at, durationMs, service, status, attributes } = span;
    const it = known.get(traceId) ?? begun(span);
    const isRoot = parentId === undefined;
    if (isRoot || (!it.isRoot && at < it.from)) Object.assign(it, { root: titleOf(span), isRoot });
    it.from = Math.min(it.from, at);
    it.to = Math.max(it.to, at + durationMs);
    it.spans++;
    if (status === 'error') it.errors++;
    it.orderId ??= orderIdIn(attributes);
    it.services.add(service);
    it.segments.add(segment);
    // The one that grew last is the newest.
    known.delete(traceId);
    known.set(traceId, it);
    const [oldest] = known.keys();
    if (known.size > mostTraces && oldest) known.delete(oldest);
    return it;
  }

  async function write(): Promise<void> {
    const spans = waiting;
    waiting = [];
    if (spans.length === 0 || !stored) return;
    const grown = new Set<Known>();
    for (let from = 0; from < spans.length; ) {
      const left = spans.slice(from);
      const { segment, written } = await stored.append(left);
      for (const span of left.slice(0, written)) grown.add(learn(span, segment));
      from += written;
    }
    for (const it of grown) tell('trace', lineOf(it));
  }

  return {
    take(spans) {
      if (waiting.length + spans.length > mostWaiting) return false;
      waiting.push(...spans);
      writing = writing.then(write).catch((error: unknown) => failed('the files of the traces', error));
      return true;
    },

    list(filter) {
      const oldest = stored?.segments()[0] ?? 0;
      const isThere = ({ segments }: Known) => [...segments].some((it) => it >= oldest);
      const newest = [...known.values()].filter(isThere).toSorted((a, b) => b.from - a.from);
      return pageOf(newest.filter((it) => matches(it, filter)).map(lineOf), filter, ({ traceId }) => traceId);
    },

    async one(traceId) {
      const found = known.get(traceId.toLowerCase());
      const spans = found && stored ? await stored.read(found.traceId, found.segments) : [];
      if (spans.length === 0) throw notThere(`There is no trace ${traceId}, or no longer.`);
      const shown = spans.toSorted((a, b) => a.at - b.at).slice(0, mostSpans);
      return {
        traceId: traceId.toLowerCase(),
        root: found?.root ?? '',
        spans: shown.map(({ traceId: _, ...span }) => span),
      };
    },

    async stop() {
      isStopped = true;
      await writing;
    },
  };
}

const begun = (span: Received): Known => ({
  traceId: span.traceId,
  root: titleOf(span),
  isRoot: span.parentId === undefined,
  from: span.at,
  to: span.at,
  ...{ spans: 0, errors: 0, orderId: undefined },
  services: new Set(),
  segments: new Set(),
});

/** The gateway names its spans by the method alone. */
function titleOf({ name, attributes }: Received): string {
  const path = attributes['url.path'];
  return /^[A-Z]+$/.test(name) && typeof path === 'string' ? `${name} ${path}` : name;
}

function orderIdIn(attributes: Received['attributes']): string | undefined {
  const id = attributes['box_office.order.id'];
  return typeof id === 'string' ? id : undefined;
}

function matches(it: Known, { q, service, order, minMs = 0, errors = false }: TraceFilter): boolean {
  const wanted = q?.toLowerCase();
  const text = () => `${it.traceId} ${it.root} ${[...it.services].join(' ')} ${it.orderId ?? ''}`.toLowerCase();
  return (
    (service === undefined || it.services.has(service)) &&
    // The end of an id is enough: that is what the pages show.
    (order === undefined || it.orderId?.endsWith(order) === true) &&
    it.to - it.from >= minMs &&
    (!errors || it.errors > 0) &&
    (!wanted || text().includes(wanted))
  );
}

const lineOf = ({ traceId, root, from, to, spans, services, errors, orderId }: Known): TraceLine => ({
  traceId,
  root,
  at: new Date(from).toISOString(),
  durationMs: Math.round((to - from) * 1_000) / 1_000,
  spans,
  services: [...services].toSorted(),
  errors,
  ...(orderId ? { orderId } : {}),
});
