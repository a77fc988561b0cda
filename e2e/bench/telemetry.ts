import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { PlatformOptions } from '@box-office/local/platform';
import { serviceNames } from '../../services.ts';
import { openShop, type Person, type Shop } from '../support/shop.ts';
import { type Completions, openCompletions } from './completions.ts';
import { pause } from './cost.ts';
import { processorsOf, totalOf } from './counts.ts';
import { residentMemory } from './memory.ts';
import { buy, forSale, together, unlimited } from './purchases.ts';
import { printTable, printWanted } from './table.ts';

/** Enough to keep two cores busy, and few enough that nobody is refused on a machine that does other work too. */
const atOnce = 4;
/** Many enough that the beginning and the end of a block do not matter. */
const blockOf = 40;
/** Bought on each platform before anything counts, so that its code is compiled. */
const warmUp = 80;

const wanted = { speed: 0.95, processor: 1.05, megabytes: 15 } as const;

type Processors = ReadonlyMap<string, number>;

/** As in production; `npm start` and the tests send spans sooner. */
const usualDelay = { OTEL_BSP_SCHEDULE_DELAY: '5000' };
/** Longer than that, so that what sending costs is counted for the purchases that it is about. */
const untilSentMs = 6_000;
/** After which Node has given back what it no longer needs. */
const untilTidyMs = 20_000;

/** What was measured of some purchases on one platform. */
interface Block {
  readonly perSecond: number;
  /** Seconds, by process, until everything that follows from the purchases is done as well. */
  readonly processors: Processors;
}

/** A platform of its own, with or without telemetry, and what is for sale there. */
interface Side {
  readonly shop: Shop;
  block(): Promise<Block>;
  end(): Promise<void>;
}

/**
 * What it costs that every process records spans: two platforms on this machine, one with telemetry and one without,
 * on which people buy in turn, so that whatever else slows the machine down affects both.
 */
export async function benchTelemetry(purchases: number): Promise<void> {
  const blocks = Math.max(1, Math.round(purchases / blockOf));
  const sink = await startSink();
  const ends: (() => Promise<void>)[] = [sink.end];
  try {
    const off = await openSide(blocks, undefined);
    ends.unshift(off.end);
    const on = await openSide(blocks, sink.url);
    ends.unshift(on.end);
    const before = await sink.counts();
    const measured: { off: Block; on: Block }[] = [];
    for (let round = 0; round < blocks; round++) {
      // Whichever begins in one round comes second in the next.
      const first = round % 2 === 0 ? await off.block() : undefined;
      const second = await on.block();
      measured.push({ off: first ?? (await off.block()), on: second });
    }
    const after = await sink.counts();
    const bought = blocks * blockOf;
    printSpeed(measured);
    printProcessors(measured, bought);
    await printMemory(off, on);
    const [spans, bytes] = [after.spans - before.spans, after.bytes - before.bytes].map((it) => it / bought);
    console.log(
      `\n${spans?.toFixed(0)} spans a purchase, without the gateway's; ${((bytes ?? 0) / 1024).toFixed(0)} kB`,
    );
  } finally {
    for (const end of ends) await end();
  }
}

async function openSide(blocks: number, traces: string | undefined): Promise<Side> {
  const settings: NonNullable<PlatformOptions['env']> = unlimited;
  const env = Object.fromEntries(
    ([...serviceNames, 'stripe'] as const).map((name) => [name, { ...usualDelay, ...settings[name] }]),
  );
  const shop = await openShop({ client: false, env, traces });
  const completions = await openCompletions(shop.platform.operator);
  const seller = await shop.person();
  const people = await Promise.all(Array.from({ length: atOnce }, () => shop.person()));
  const tickets = await forSale(shop, seller, warmUp + blocks * blockOf);
  const side = { shop, completions, people };
  await buyAll(side, tickets.splice(0, warmUp));
  await pause(untilSentMs);
  return {
    shop,
    async block() {
      const before = await processorsOf(shop.platform.pids());
      const { perSecond } = await buyAll(side, tickets.splice(0, blockOf));
      await pause(untilSentMs);
      const after = await processorsOf(shop.platform.pids());
      const processors = new Map([...after].map(([name, it]) => [name, it - (before.get(name) ?? 0)]));
      return { perSecond, processors };
    },
    async end() {
      await completions.close();
      await shop.end();
    },
  };
}

function buyAll(
  { shop, completions, people }: { shop: Shop; completions: Completions; people: readonly Person[] },
  tickets: readonly Ticket[],
) {
  return together(tickets, atOnce, (ticket, index) => {
    const buyer = people[index % people.length];
    if (!buyer) throw new Error('there are no buyers');
    return buy(shop, completions, buyer, ticket);
  });
}

type Measured = readonly { readonly off: Block; readonly on: Block }[];

function printSpeed(measured: Measured): void {
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const ratios = measured.map(({ off, on }) => on.perSecond / off.perSecond).toSorted((a, b) => a - b);
  const [off, on] = (['off', 'on'] as const).map((side) => median(measured.map((it) => it[side].perSecond)).toFixed(1));
  const ratio = median(ratios);
  printTable(
    `Purchases a second, ${atOnce} at once, the median of ${measured.length} blocks of ${blockOf} in turn`,
    ['', 'off', 'on', '×', 'lowest', 'highest'],
    [
      [
        'whole purchases',
        off ?? '',
        on ?? '',
        ...[ratio, ratios[0], ratios.at(-1)].map((it) => (it ?? Number.NaN).toFixed(2)),
      ],
    ],
  );
  printWanted(`at least ${wanted.speed} × the purchases a second`, `${ratio.toFixed(2)} ×`, ratio >= wanted.speed);
}

function printProcessors(measured: Measured, purchases: number): void {
  const sum = (side: 'off' | 'on', name: string) =>
    (measured.reduce((all, it) => all + (it[side].processors.get(name) ?? 0), 0) * 1_000) / purchases;
  const names = [...(measured[0]?.off.processors.keys() ?? [])];
  const rows = names.map((name) => ({ name, off: sum('off', name), on: sum('on', name) }));
  const all = rows.reduce((so, it) => ({ name: 'together', off: so.off + it.off, on: so.on + it.on }));
  printTable(
    'Processor time of a purchase in ms',
    ['process', 'off', 'on', '×'],
    [...rows, all].map(({ name, off, on }) => [name, off.toFixed(1), on.toFixed(1), (on / off).toFixed(2)]),
  );
  const pairs = measured
    .map(({ off, on }) => totalOf(on.processors) / totalOf(off.processors))
    .toSorted((a, b) => a - b);
  console.log(`\nin pairs from ${pairs[0]?.toFixed(2)} to ${pairs.at(-1)?.toFixed(2)} ×`);
  const ratio = all.on / all.off;
  printWanted(`at most ${wanted.processor} × the processor time`, `${ratio.toFixed(3)} ×`, ratio <= wanted.processor);
}

async function printMemory(off: Side, on: Side): Promise<void> {
  await pause(untilTidyMs);
  const [without = {}, within = {}] = await Promise.all(
    [off, on].map(({ shop }) => residentMemory(shop.platform.pids())),
  );
  const megabytes = (bytes = 0) => bytes / 1024 / 1024;
  const rows = Object.keys(without).map((name) => ({
    name,
    off: megabytes(without[name]),
    on: megabytes(within[name]),
  }));
  printTable(
    'Resident memory of each process in MB, when all is done',
    ['process', 'off', 'on', 'more'],
    rows.map((it) => [it.name, it.off.toFixed(0), it.on.toFixed(0), (it.on - it.off).toFixed(1)]),
  );
  const most = Math.max(...rows.filter(({ name }) => !engines.has(name)).map((it) => it.on - it.off));
  printWanted(`at most ${wanted.megabytes} MB more for a process`, `${most.toFixed(1)} MB`, most <= wanted.megabytes);
}

/** Their memory follows the data. */
const engines = new Set(['mongo', 'nats', 'traefik']);

interface Counts {
  readonly spans: number;
  readonly bytes: number;
}

/** In a process of its own, as a collector is. */
async function startSink(): Promise<{ url: string; counts(): Promise<Counts>; end(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'span-sink.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [port] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    async counts() {
      child.send('counts');
      const [counts] = (await once(child, 'message')) as [Counts];
      return counts;
    },
    async end() {
      child.kill();
    },
  };
}
