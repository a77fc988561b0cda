import { setTimeout as sleep } from 'node:timers/promises';
import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import { type Order, OrderCreated } from '@box-office/common/contracts/orders';
import type { Bus } from '@box-office/common/messaging/bus';
import { toMessage } from '@box-office/common/messaging/envelope';
import { listen, on } from '@box-office/common/messaging/listener';
import { ensureStream } from '@box-office/common/messaging/topology';
import { envelope } from '@box-office/common/store/outbox';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { createExpiration } from '@box-office/expiration/service';
import { spread } from './measure.ts';
import { printTable, printWanted } from './table.ts';
import { logger, newId, now, openWorkbench, stream, type Workbench } from './workbench.ts';

const sampleSize = 200;
/** Time enough for the sample's timers to be set before the first is due. */
const headStartMs = 5_000;
const spreadOverMs = 10_000;
const batchSize = 500;
const wantedMs = 500;

/** How late expirations are announced while many timers wait, also around a kill -9 of NATS. */
export async function benchExpiration(pending: readonly number[]): Promise<void> {
  const rows: Row[] = [];
  for (const count of pending) {
    const bench = await openWorkbench();
    try {
      rows.push(...(await measurePending(bench, count)));
    } finally {
      await bench.end();
    }
  }
  report(rows);
}

interface Row {
  readonly pending: number;
  readonly what: string;
  readonly lateMs: readonly number[];
  readonly sent: number;
  /** Whether the wanted figures are about this one. */
  readonly undisturbed: boolean;
}

async function measurePending(bench: Workbench, pending: number): Promise<Row[]> {
  const { bus } = bench;
  await ensureStream(bus, 'orders', stream);
  const service = createExpiration({ bus, logger, metrics: createMetrics('expiration'), now, stream });
  await service.start();
  /** When orders first received each. */
  const heardAt = new Map<string, number>();
  const orders = listen({
    ...{ bus, service: 'orders', stream, logger, now },
    listeners: [
      on(ExpirationCompleted, async ({ data }) => {
        if (!heardAt.has(data.id)) heardAt.set(data.id, Date.now());
      }),
    ],
  });
  try {
    await orders.ready;
    await announceOrders(
      bus,
      Array.from({ length: pending }, () => orderDue(Date.now() + 24 * 60 * 60 * 1_000)),
    );
    await timersSet(bus, pending);

    const row = (what: string, due: readonly Order[], undisturbed = false): Row => {
      const lateMs = due.flatMap(({ id, expiresAt }) => (heardAt.get(id) ?? Number.NaN) - Date.parse(expiresAt));
      return { pending, what, undisturbed, sent: due.length, lateMs: lateMs.filter((late) => !Number.isNaN(late)) };
    };
    const quiet = await announceSample(bus);
    await allHeard(heardAt, quiet);

    const struck = await announceSample(bus);
    await sleep(headStartMs + spreadOverMs / 2);
    const down = await bench.crashNats();
    await allHeard(heardAt, struck);
    const due = ({ expiresAt }: Order) => Date.parse(expiresAt);
    return [
      row('undisturbed', quiet, true),
      row(
        '  due before NATS is killed',
        struck.filter((it) => due(it) < down.from),
      ),
      row(
        `  due while it is down (${down.to - down.from} ms)`,
        struck.filter((it) => due(it) >= down.from && due(it) <= down.to),
      ),
      row(
        '  due when it is back',
        struck.filter((it) => due(it) > down.to),
      ),
    ];
  } finally {
    await service.stop();
    await orders.stop();
  }
}

const orderDue = (at: number): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: new Date(at).toISOString(),
  ticket: { id: newId(), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
});

async function announceSample(bus: Bus): Promise<Order[]> {
  const from = Date.now() + headStartMs;
  const sample = Array.from({ length: sampleSize }, (_, number) =>
    orderDue(from + Math.round((number * spreadOverMs) / sampleSize)),
  );
  await announceOrders(bus, sample);
  return sample;
}

async function announceOrders({ js }: Bus, orders: readonly Order[]): Promise<void> {
  const messages = orders.map((order) => {
    const event = envelope(OrderCreated, order, { id: newId(), time: now(), traceparent: '' });
    return { subject: event.subject, ...toMessage(event) };
  });
  for (let done = 0; done < messages.length; done += batchSize) {
    const [first, ...rest] = messages.slice(done, done + batchSize);
    const last = rest.pop();
    if (!first || !last) throw new Error('a batch has at least two messages');
    const batch = await js.startBatch(first.subject, first.payload, { headers: first.headers });
    for (const { subject, payload, headers } of rest) batch.add(subject, payload, { headers });
    await batch.commit(last.subject, last.payload, { headers: last.headers, timeout: 30_000 });
  }
}

async function timersSet({ jsm }: Bus, count: number): Promise<void> {
  while ((await jsm.streams.info('expiration')).state.messages < count) await sleep(100);
}

/** Or were given up: an expiration not received half a minute after it was due is reported as missing. */
async function allHeard(heardAt: ReadonlyMap<string, number>, orders: readonly Order[]): Promise<void> {
  const until = Date.now() + headStartMs + spreadOverMs + 30_000;
  while (Date.now() < until && !orders.every(({ id }) => heardAt.has(id))) await sleep(50);
}

function report(rows: readonly Row[]): void {
  const figures = ({ lateMs, sent }: Row): string[] => {
    const { p50, p99 } = spread(lateMs);
    const early = lateMs.filter((late) => late < 0).length;
    return [
      ...[p50, p99, Math.max(...lateMs)].map((it) => it.toFixed(0)),
      `${early}`,
      `${sent - lateMs.length}`,
      `${sent}`,
    ];
  };
  printTable(
    'From when an order’s time is up until orders hears so, in ms',
    ['timers pending', '', 'p50', 'p99', 'max', 'early', 'missing', 'sample'],
    rows.filter(({ sent }) => sent > 0).map((row) => [`${row.pending}`, row.what, ...figures(row)]),
  );
  const undisturbed = rows.filter((row) => row.undisturbed);
  const p99s = undisturbed.map(({ lateMs }) => spread(lateMs).p99);
  const all = p99s.map((p99) => `${p99.toFixed(0)} ms`).join(', ');
  printWanted(
    `p99 ≤ ${wantedMs} ms, however many wait`,
    all,
    p99s.every((p99) => p99 <= wantedMs),
  );
  const early = rows.flatMap(({ lateMs }) => lateMs).filter((late) => late < 0).length;
  printWanted('none early', `${early}`, early === 0);
  const missing = rows.reduce((sum, { sent, lateMs }) => sum + sent - lateMs.length, 0);
  printWanted('none missing', `${missing}`, missing === 0);
}
