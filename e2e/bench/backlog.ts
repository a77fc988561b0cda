import { setTimeout as sleep } from 'node:timers/promises';
import { TicketUpdated } from '@box-office/common/contracts/tickets';
import type { Bus } from '@box-office/common/messaging/bus';
import { toMessage } from '@box-office/common/messaging/envelope';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import { ensureStream } from '@box-office/common/messaging/topology';
import { aggregates } from '@box-office/common/store/aggregates';
import { collectionOf } from '@box-office/common/store/mongo';
import { envelope, type OutboxEvent } from '@box-office/common/store/outbox';
import { timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';
import { aTicket, ticketKind } from './tickets.ts';
import { logger, newId, now, openWorkbench, stream, type Workbench } from './workbench.ts';

const batchSize = 500;
const batches = 40;
const singles = 6_000;
const inFlight = 256;

/**
 * How fast the relay empties outboxes, from the read to the removal, compared with only publishing the same messages.
 */
export async function benchBacklog(events: number, perAggregate: readonly number[], mongoUrl?: string): Promise<void> {
  for (const each of perAggregate) {
    const bench = await openWorkbench(mongoUrl);
    try {
      await compare(bench, events, each);
    } finally {
      await bench.end();
    }
  }
}

async function compare(bench: Workbench, events: number, perAggregate: number): Promise<void> {
  await fill(bench, events, perAggregate);
  // The baseline runs before and after it, so that a slowdown of the machine affects both.
  const before = [await rawBatches(bench.bus), await pipelined(bench.bus)] as const;
  const drained = await drain(bench, events);
  const after = [await rawBatches(bench.bus), await pipelined(bench.bus)] as const;
  const cleared = await clearOnly(bench, events, perAggregate);

  const [raw, single, relay] = [mean(before[0], after[0]), mean(before[1], after[1]), events / drained];
  const aSecond = (rate: number) => (rate * 1_000).toFixed(0);
  printTable(
    `${events} events wait, ${perAggregate} in each outbox; events a second`,
    ['', 'a second', 'relay ÷ this'],
    [
      ['relay: read, acknowledged, removed', aSecond(relay), ''],
      [`raw atomic batches of ${batchSize}`, aSecond(raw), (relay / raw).toFixed(2)],
      [`single publishes, ${inFlight} in flight`, aSecond(single), (relay / single).toFixed(2)],
      ['the database alone: the removals, one update each', aSecond(cleared), (relay / cleared).toFixed(2)],
    ],
  );
  printWanted('relay ≥ 0.4 × raw batches', `${(relay / raw).toFixed(2)} ×`, relay / raw >= 0.4);
  printWanted('relay ≥ 2 × single publishes', `${(relay / single).toFixed(2)} ×`, relay / single >= 2);
}

const anEvent = (id: string, version: number): OutboxEvent =>
  envelope(TicketUpdated, { ...aTicket(id), version }, { id: newId(), time: now(), traceparent: '' });

interface Waiting {
  _id: string;
  outbox: OutboxEvent[];
}

/** Writes what the store would have written while no relay ran. */
async function fill({ store }: Workbench, events: number, perAggregate: number): Promise<void> {
  for (let done = 0; done < events; done += 1_000) {
    const documents = Array.from({ length: Math.ceil(1_000 / perAggregate) }, () => {
      const { id, ...fields } = aTicket();
      const outbox = Array.from({ length: perAggregate }, (_, version) => anEvent(id, version));
      return { ...fields, _id: id, version: perAggregate - 1, outbox };
    });
    await collectionOf<Waiting>(store, ticketKind.collection).insertMany(documents);
  }
}

/** @returns how long it took, in ms */
async function drain({ bus, store }: Workbench, events: number): Promise<number> {
  const relay = createRelay({ bus, connection: store, announcer: 'tickets', stream, logger, now });
  const tickets = aggregates(ticketKind, { connection: store, relay, now, newId, logger });
  await tickets.prepare();
  // As for a service that has run before; otherwise it would announce everything twice.
  await ensureStream(bus, 'tickets', stream);
  const { created } = await bus.jsm.streams.info('tickets');
  await collectionOf<{ _id: string }>(store, 'bookmarks').insertOne({
    _id: 'tickets',
    ...{ created, sequence: 0, due: false },
  });

  const ms = await timed(async () => {
    await relay.start();
    while ((await bus.jsm.streams.info('tickets')).state.messages < events) await sleep(50);
    await relay.flush();
  });
  await relay.stop(5_000);
  const left = await collectionOf<Waiting>(store, ticketKind.collection).countDocuments({
    'outbox.id': { $exists: true },
  });
  const { messages } = (await bus.jsm.streams.info('tickets')).state;
  if (left !== 0 || messages !== events)
    throw new Error(`${left} outboxes are not empty, ${messages} of ${events} announced`);
  return ms;
}

/** Events in a ms. */
async function rawBatches(bus: Bus): Promise<number> {
  await ensureStream(bus, 'orders', stream);
  const all = Array.from({ length: batches }, () => messages('orders', batchSize));
  const ms = await timed(async () => {
    for (const [first, ...rest] of all) {
      const last = rest.pop();
      if (!first || !last) continue;
      const batch = await bus.js.startBatch(first.subject, first.payload, { headers: first.headers });
      for (const { subject, payload, headers } of rest) batch.add(subject, payload, { headers });
      await batch.commit(last.subject, last.payload, { headers: last.headers, timeout: 30_000 });
    }
  });
  return (batches * batchSize) / ms;
}

/** Events in a ms. */
async function pipelined(bus: Bus): Promise<number> {
  await ensureStream(bus, 'payments', stream);
  const left = messages('payments', singles);
  const publishOn = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      await bus.js.publish(next.subject, next.payload, { headers: next.headers, timeout: 30_000 });
    }
  };
  return singles / (await timed(() => Promise.all(Array.from({ length: inFlight }, publishOn))));
}

/** The relay's messages on another stream, made before the clock starts. */
function messages(owner: string, count: number) {
  return Array.from({ length: count }, () => {
    const event = anEvent(newId(), 0);
    return { subject: event.subject.replace('tickets', owner), ...toMessage(event) };
  });
}

/** The cost of emptying the outboxes for the database alone, without a relay. Events per ms. */
async function clearOnly(bench: Workbench, events: number, perAggregate: number): Promise<number> {
  const some = Math.min(events, 2_000 * perAggregate);
  await fill(bench, some, perAggregate);
  const documents = collectionOf<Waiting>(bench.store, ticketKind.collection);
  const waiting = await documents.find({ 'outbox.id': { $exists: true } }).toArray();
  const ms = await timed(async () => {
    for (let done = 0; done < waiting.length; done += batchSize) {
      const updates = waiting.slice(done, done + batchSize).map(({ _id }) => ({
        updateOne: { filter: { _id }, update: { $set: { outbox: [] } } },
      }));
      await documents.bulkWrite(updates, { ordered: false });
    }
  });
  return (waiting.length * perAggregate) / ms;
}

const mean = (one: number, other: number): number => (one + other) / 2;
