import { readFile } from 'node:fs/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import { MongoClient } from 'mongodb';

/** What the engines and the operating system have counted so far. */
export interface Counted {
  /** Commands that wrote documents, by `database.collection`. */
  readonly writes: ReadonlyMap<string, number>;
  /** Commands that read documents, by `database.collection`. */
  readonly reads: ReadonlyMap<string, number>;
  /** Messages in a stream, by the stream's name. */
  readonly messages: ReadonlyMap<string, number>;
  /** Processor time in seconds, by process. */
  readonly processors: ReadonlyMap<string, number>;
}

export interface Counter {
  read(): Promise<Counted>;
  close(): Promise<void>;
}

interface Section {
  readonly count: number;
}

/** Of the sections that MongoDB's `top` tells for each collection, those that a driver's commands go to. */
interface Usage {
  readonly queries: Section;
  readonly getmore: Section;
  readonly insert: Section;
  readonly update: Section;
  readonly remove: Section;
}

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Reads the database's, the broker's and the operating system's own counts, none of ours. */
export async function openCounter(
  mongoUrl: string,
  operator: ConnectionOptions,
  pids: () => Readonly<Record<string, number>>,
): Promise<Counter> {
  const client = await new MongoClient(mongoUrl).connect();
  const connection = await connect(operator);
  const jsm = await jetstreamManager(connection);

  async function usage(): Promise<[collection: string, Usage][]> {
    const { totals } = await client.db('admin').command({ top: 1 });
    return Object.entries<Usage | string>(totals).filter(isUsage);
  }

  async function messages(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for await (const { config, state } of jsm.streams.list()) counts.set(config.name, state.last_seq);
    return counts;
  }

  return {
    async read() {
      const used = await usage();
      return {
        writes: new Map(used.map(([name, it]) => [name, it.insert.count + it.update.count + it.remove.count])),
        reads: new Map(used.map(([name, it]) => [name, it.queries.count + it.getmore.count])),
        messages: await messages(),
        processors: await processorsOf(pids()),
      };
    },
    async close() {
      await Promise.all([client.close(), connection.close()]);
    },
  };
}

const isUsage = (entry: [string, Usage | string]): entry is [string, Usage] => typeof entry[1] === 'object';

export async function processorsOf(pids: Readonly<Record<string, number>>): Promise<Map<string, number>> {
  const times = Object.entries(pids).map(async ([name, pid]) => [name, await processorOf(pid)] as const);
  return new Map(await Promise.all(times));
}

/** In seconds, its ended children included; NaN where there is no /proc. */
async function processorOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name may contain blanks; what follows it begins with the state, which is field 3 of proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.length === 4 ? ticks.reduce((sum, it) => sum + it, 0) / ticksPerSecond : Number.NaN;
}

type Kind = keyof Counted;

/** What was counted between two readings, by kind and name. */
export function between(before: Counted, after: Counted): Counted {
  const grown = (kind: Kind) =>
    new Map([...after[kind]].map(([name, count]) => [name, count - (before[kind].get(name) ?? 0)]));
  return {
    writes: grown('writes'),
    reads: grown('reads'),
    messages: grown('messages'),
    processors: grown('processors'),
  };
}

export const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
