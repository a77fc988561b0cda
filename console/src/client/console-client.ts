import { join, resolve } from 'node:path';
import { cannotRun } from '@box-office/common/command';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { clusterOf, clusterOptions, KubectlFailed } from '@box-office/ops/cluster/kubectl';
import type { Live } from '../api/live.ts';
import type { Page, Refusal } from '../api/page.ts';
import { CannotTell } from './cannot-tell.ts';
import { forwardTo } from './forward.ts';

/** The options that every command of the console has. */
export const options = {
  json: { does: 'for machines' },
  url: { value: 'URL', does: 'the console to ask; by default that of the running npm start' },
  state: { value: 'FOLDER', does: 'asks the console of the npm start with this state folder' },
  ...clusterOptions,
} as const;

interface Where {
  readonly url: string | undefined;
  readonly state: string | undefined;
}

/** What the commands ask the console: the same as its pages do. */
export interface ConsoleClient {
  /** @throws CannotTell */
  readonly get: <Body>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<Body>;
  /**
   * What a list holds, then what is new in it, until the process ends; each time oldest first. The list is asked for
   * again, with the same filters, whenever something of that name happens: the live updates leave out what is more
   * than ten a second.
   */
  readonly follow: <Item>(list: List<Item>, sign: keyof Live) => AsyncGenerator<Item[]>;
}

export interface List<Item> {
  readonly path: string;
  readonly query: Query;
  readonly keyOf: (item: Item) => string | number;
}

type Query = Readonly<Record<string, string | undefined>>;

/** The most that the console lists at once. */
const mostAtOnce = '200';

export function consoleClient({ url, state }: Where): ConsoleClient {
  const origin = url ?? running(state);
  if (!URL.canParse(origin)) throw new CannotTell(`"${origin}" is no address, such as http://localhost:8090.`);
  const asked = async (path: string) => {
    const answer = await fetch(new URL(path, origin)).catch(() => {
      throw new CannotTell(`No console answers at ${origin}.`);
    });
    if (answer.ok) return answer;
    const { detail } = (await answer.json().catch(() => ({}))) as Partial<Refusal>;
    throw new CannotTell(detail ?? `The console answered ${answer.status}.`);
  };
  async function get<Body>(path: string, query: Query = {}): Promise<Body> {
    const given = Object.entries(query).filter((it): it is [string, string] => it[1] !== undefined);
    const answer = await asked(`${path}?${new URLSearchParams(given)}`);
    return (await answer.json()) as Body;
  }
  return {
    get,

    async *follow<Item>({ path, query, keyOf }: List<Item>, sign: keyof Live) {
      // Before the first list, so that nothing happens between the two.
      const { body } = await asked(`/api/live?only=${sign}`);
      let known = new Set<string | number>();
      async function news(): Promise<Item[]> {
        const { items } = await get<Page<Item>>(path, { ...query, limit: mostAtOnce });
        const fresh = items.filter((it) => !known.has(keyOf(it)));
        known = new Set(items.map(keyOf));
        return fresh.toReversed();
      }
      yield await news();
      const decoder = new TextDecoder();
      for await (const chunk of untilItEnds(body ?? [])) {
        if (decoder.decode(chunk, { stream: true }).includes('event: ')) yield await news();
      }
      throw new CannotTell(`The console at ${origin} has gone.`);
    },
  };
}

/** What arrives until the connection is closed or lost. */
async function* untilItEnds<Chunk>(body: AsyncIterable<Chunk> | Iterable<Chunk>): AsyncGenerator<Chunk> {
  const arriving = (async function* () {
    yield* body;
  })();
  for (;;) {
    const next = await arriving.next().catch(() => undefined);
    if (!next || next.done) return;
    yield next.value;
  }
}

function running(state: string | undefined): string {
  const holder = holderOf(`${resolve(state ?? join(localDir, 'state'))}.lock`);
  if (!holder) throw new CannotTell('No platform is running here. Run npm start first, or name a console by --url.');
  const { consoleUrl, pid } = holder;
  if (typeof consoleUrl === 'string') return consoleUrl;
  throw new CannotTell(`The platform of process ${pid} is only being started, or runs without a console.`);
}

interface Anywhere extends Where {
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

async function asking<Answer>(where: Anywhere, ask: (console: ConsoleClient) => Promise<Answer>): Promise<Answer> {
  const cluster = clusterOf(where);
  if (!cluster) return ask(consoleClient(where));
  if (where.url ?? where.state) throw new CannotTell('Either --context, or --url or --state.');
  const { port, end } = await forwardTo(cluster);
  try {
    return await ask(consoleClient({ url: `http://127.0.0.1:${port}`, state: undefined }));
  } finally {
    end();
  }
}

/** Runs a command and ends the process with its exit code, or with 2 and a sentence when it cannot tell. */
export async function exitWith(where: Anywhere, command: (console: ConsoleClient) => Promise<number>): Promise<void> {
  // The reader may have closed the pipe, like `head`.
  process.stdout.on('error', () => process.exit());
  try {
    process.exitCode = await asking(where, command);
  } catch (error) {
    if (!(error instanceof CannotTell || error instanceof KubectlFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = cannotRun;
  }
}
