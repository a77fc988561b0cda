import type { LogLevel } from './api/logs.ts';
import type { Asked } from './paging.ts';
import { Refused } from './refused.ts';
import type { Routes } from './server/router.ts';
import type { Broker } from './sources/broker.ts';
import type { DeadLetters } from './sources/dead-letters.ts';
import type { Events } from './sources/events.ts';
import type { LabSource } from './sources/lab.ts';
import type { Logs } from './sources/logs.ts';
import type { Metrics } from './sources/metrics.ts';
import type { Processes } from './sources/processes.ts';
import type { SandboxSource } from './sources/sandbox.ts';
import type { Traces } from './sources/traces.ts';
import type { Databases } from './story/databases.ts';
import { listOrders } from './story/orders.ts';
import type { Watching } from './watching.ts';

export interface Sources {
  readonly events: Events;
  readonly lab: LabSource;
  readonly letters: DeadLetters;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly processes: Processes;
  readonly sandbox: SandboxSource;
  readonly traces: Traces;
  readonly watching: Watching;
  readonly broker: Broker;
  readonly databases: Databases;
  /** Addresses for a browser. */
  readonly shop: string | undefined;
  readonly mailbox: string | undefined;
}

/** What the pages and the commands ask for: see api/. */
export function apiRoutes(sources: Sources): Routes {
  const { events, lab, letters, logs, metrics, processes, sandbox, traces, watching, databases, shop, mailbox } =
    sources;
  return {
    'GET /api/system': () => ({
      processes: processes.list(),
      ...(shop ? { shop } : {}),
      ...(mailbox ? { mailbox } : {}),
      hasSandbox: sandbox.isThere,
      hasLogs: logs.areThere,
      hasLab: lab.isThere,
    }),
    'GET /api/streams': () => ({ items: watching.streams() }),
    'GET /api/events': ({ query }) => events.list({ ...asked(query), ...texts(query, eventFilters) }),
    'GET /api/events/:stream/:seq': async ({ named }) => {
      const [stream, seq] = [named.stream ?? '', numberIn(named.seq)];
      return { ...(await events.one(stream, seq)), deadLetters: await letters.of(stream, seq) };
    },
    'GET /api/dead-letters': ({ query }) =>
      letters.list({ ...asked(query), ...texts(query, ['service', 'type', 'q']) }),
    'GET /api/dead-letters/:number': ({ named }) => letters.one(numberIn(named.number)),
    'POST /api/dead-letters/:number/retry': ({ named }) => letters.retry(numberIn(named.number)),
    'POST /api/dead-letters/:number/discard': ({ named }) => letters.discard(numberIn(named.number)),
    'GET /api/orders': ({ query }) =>
      listOrders(databases, sandbox, { ...asked(query), ...texts(query, ['q', 'status']) }),
    'GET /api/story/:order': async ({ named }) => {
      // Loaded when the first story is asked for, with what the services know of their own documents.
      const { tellStory } = await import('./story/story.ts');
      return tellStory(sources, named.order ?? '');
    },
    'GET /api/logs': ({ query }) =>
      logs.list({ ...asked(query), ...texts(query, ['service', 'trace', 'order', 'q']), ...levelIn(query) }),
    'GET /api/traces': ({ query }) =>
      traces.list({
        ...asked(query),
        ...texts(query, ['q', 'service', 'order']),
        ...(query.get('minMs') ? { minMs: numberIn(query.get('minMs') ?? '') } : {}),
        errors: query.get('errors') === 'true',
      }),
    'GET /api/traces/:trace': ({ named }) => traces.one(named.trace ?? ''),
    'GET /api/metrics': () => ({ items: metrics.list() }),
    'GET /api/sandbox': () => sandbox.show(),
    'POST /api/sandbox/faults': ({ body }) => sandbox.setFaults(body ?? {}),
    'POST /api/sandbox/redeliver': ({ body }) => sandbox.redeliver(body ?? {}),
    'GET /api/lab': () => lab.show(),
    'POST /api/lab/:name': ({ named }) => lab.start(named.name ?? ''),
    'POST /api/sandbox/clock': ({ body }) => sandbox.advance(body ?? {}),
  };
}

const eventFilters = ['stream', 'type', 'id', 'order', 'q'] as const;

const usualLimit = 50;
const mostItems = 200;

function asked(query: URLSearchParams): Asked {
  const limit = query.get('limit');
  const wanted = limit === null ? usualLimit : Number(limit);
  if (!Number.isInteger(wanted) || wanted < 1) throw invalid('limit must be a whole number above 0.');
  return { limit: Math.min(wanted, mostItems), before: query.get('before') || undefined };
}

/** The filters that are given. An empty one counts as not given. */
const texts = <Name extends string>(query: URLSearchParams, names: readonly Name[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = query.get(name);
      return value ? [[name, value]] : [];
    }),
  ) as Partial<Record<Name, string>>;

function levelIn(query: URLSearchParams): { level?: LogLevel } {
  const level = query.get('level');
  if (!level) return {};
  if (level === 'debug' || level === 'info' || level === 'warn' || level === 'error') return { level };
  throw invalid('level must be debug, info, warn or error.');
}

function numberIn(text = ''): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(`"${text}" is no number.`);
  return Number(text);
}

const invalid = (what: string) => new Refused(400, 'invalid', what);
