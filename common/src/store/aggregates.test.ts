import { inspect } from 'node:util';
import mongoose from 'mongoose';
import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import { type TestDatabase, testDatabase } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import { type AggregateKind, type Aggregates, aggregates, type StoredAggregate } from './aggregates.ts';
import { changed } from './change.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { isStoreAway } from './mongo.ts';
import { BrokenAnnouncement, type OutboxEvent } from './outbox.ts';

const Counter = z.object({ id: z.string(), version: z.int(), count: z.int() });
type Counter = z.infer<typeof Counter>;
const counterEvent = (type: string) => defineEvent({ type, announcedBy: 'tickets', data: Counter, summary: 'A test.' });
const CounterMade = counterEvent('ticket.created');
const CounterRaised = counterEvent('ticket.updated');
const raise = (counter: Counter) => changed({ ...counter, count: counter.count + 1 }, CounterRaised);

let database: TestDatabase;
let counters: Aggregates<Counter>;
let metrics: Registry;
let logged: { collection?: string; id?: string; err?: { message: string } }[];
let offered: { id: string; outbox: readonly OutboxEvent[]; version: number }[];
let current: (document: StoredAggregate) => OutboxEvent[];

function newStore(more: Partial<AggregateKind<Counter>> = {}, maxTries = 30): Aggregates<Counter> {
  const relay = {
    offer(_: string, id: string, outbox: readonly OutboxEvent[], version: number) {
      offered.push({ id, outbox, version });
      return false;
    },
    watch: async (_: string, make: typeof current) => {
      current = make;
    },
  };
  const kind = {
    collection: 'counters',
    state: Counter,
    snapshot: (it: Counter) => it,
    current: () => [CounterRaised],
  };
  const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const { connection } = database;
  return aggregates(
    { ...kind, ...more },
    { connection, relay, now: () => new Date(), newId, logger, metrics, maxTries },
  );
}

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  [logged, offered, metrics] = [[], [], new Registry()];
  counters = newStore();
  await counters.prepare();
});

afterEach(() => documents().deleteMany({}));
afterAll(() => database.drop());

const documents = () => database.connection.collection<StoredAggregate>('counters');
const make = (count = 0) => counters.add(changed({ id: newId(), version: 0, count }, CounterMade));
const outboxOf = async (id: string): Promise<OutboxEvent[]> => (await documents().findOne({ _id: id }))?.outbox;
/** Like a manual edit in the database. */
const spoil = (id: string, fields: object = { count: 'many' }) => documents().updateOne({ _id: id }, { $set: fields });

async function all(from: AsyncIterable<Counter>): Promise<Counter[]> {
  const found: Counter[] = [];
  for await (const it of from) found.push(it);
  return found;
}

describe('changing an aggregate', () => {
  it('loses none of 40 concurrent changes', async () => {
    const { id } = await make();
    await Promise.all(Array.from({ length: 40 }, () => counters.change(id, raise)));
    expect(await counters.get(id)).toEqual({ id, version: 40, count: 40 });
  });

  it('writes the event with the state, and offers the whole outbox to the relay, oldest first', async () => {
    const { id } = await make();
    await counters.change(id, raise);
    const types = (outbox: readonly OutboxEvent[] = []) => outbox.map(({ type }) => type);
    expect(types(await outboxOf(id))).toEqual(['ticket.created', 'ticket.updated']);
    expect(offered.map(({ outbox, version }) => [types(outbox), version])).toEqual([
      [['ticket.created'], 0],
      [['ticket.created', 'ticket.updated'], 1],
    ]);
  });

  it('writes and announces nothing when the decision fails', async () => {
    const { id } = await make();
    const refuse = () => {
      throw new Error('no');
    };
    await expect(counters.change(id, refuse)).rejects.toThrow('no');
    expect(await counters.get(id)).toEqual({ id, version: 0, count: 0 });
    expect(await outboxOf(id)).toHaveLength(1);
    expect(offered).toHaveLength(1);
  });

  it('is refused as busy if other writers are always first', async () => {
    const { id } = await make();
    const hurried = newStore({}, 1);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => hurried.change(id, raise)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.reason).toMatchObject({ code: 'busy' });
    expect((await counters.get(id)).count).toBe(20 - refused.length);
  });

  it('is refused with 404 if it does not exist', async () => {
    await expect(counters.change(newId(), raise)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not allow a second one with the same id', async () => {
    const { id } = await make();
    const again = counters.add(changed({ id, version: 0, count: 0 }, CounterMade));
    await expect(again.catch((error) => isDuplicateKey(error))).resolves.toBe(true);
  });

  it('fails without writing anything if the snapshot breaks its contract', async () => {
    const careless = newStore({ snapshot: ({ id, version }) => ({ id, version }) });
    const { id } = await make();
    await expect(careless.change(id, raise)).rejects.toThrow(BrokenAnnouncement);
    await expect(careless.add(changed({ id: newId(), version: 0, count: 0 }, CounterMade))).rejects.toThrow(
      /the snapshot does not match ticket.created.*count/s,
    );
    expect(await counters.query({})).toEqual([{ id, version: 0, count: 0 }]);
  });

  it('can bar an id, after which nothing can be added under it and nothing is found', async () => {
    const unique = newStore({ indexes: [{ keys: { owner: 1, place: 1 }, unique: true }] });
    await unique.prepare();
    const [first, second] = [newId(), newId()];
    expect(await unique.bar(first)).toBeNull();
    expect(await unique.bar(second)).toBeNull();
    expect(await unique.bar(first)).toBeNull();
    const late = unique.add(changed({ id: first, version: 0, count: 0 }, CounterMade));
    await expect(late.catch((error) => isDuplicateKey(error))).resolves.toBe(true);
    expect(await unique.find(first)).toBeNull();
    await expect(unique.change(first, raise)).rejects.toMatchObject({ code: 'not-found' });
    expect(await unique.query({})).toEqual([]);
    expect(await all(unique.each({}))).toEqual([]);
    for (const document of await documents().find().toArray()) expect(current(document)).toEqual([]);
    expect(logged).toEqual([]);
    await documents().dropIndexes();
  });

  it('does not bar an existing id, and returns what it belongs to', async () => {
    const made = await make();
    expect(await counters.bar(made.id)).toEqual(made);
    expect((await counters.change(made.id, raise)).count).toBe(1);
  });
});

describe('the lookup of an aggregate', () => {
  const parity = (counter: Counter) => ({ even: counter.count % 2 === 0, count: -1 });

  it('is stored beside the state, computed with each write, and never read back', async () => {
    const store = newStore({ lookup: parity });
    const id = newId();
    await store.add(changed({ id, version: 0, count: 0 }, CounterMade));
    expect(await store.query({ _id: id, even: true })).toEqual([{ id, version: 0, count: 0 }]);
    await store.change(id, raise);
    expect(await store.query({ _id: id, even: true })).toEqual([]);
    expect(await store.query({ _id: id, even: false, count: 1 })).toEqual([{ id, version: 1, count: 1 }]);
  });
});

describe('a query that takes the database too long', () => {
  it('counts as an unavailable database, so that the caller is told to retry', () => {
    expect(isStoreAway(new mongoose.mongo.MongoServerError({ message: 'exceeded time limit', code: 50 }))).toBe(true);
    expect(isStoreAway(new mongoose.mongo.MongoServerError({ message: 'bad value', code: 2 }))).toBe(false);
  });
});

describe('a stored document that cannot be read', () => {
  const idsOf = (found: readonly Counter[]) => found.map(({ id }) => id);

  it.each([
    ['a wrong type', { count: 'many' }],
    ['a missing state', { count: null }],
    ['no version', { version: null }],
  ])('with %s is left out of a list, and logged and counted with its id', async (_, fields) => {
    const [bad, good] = [await make(), await make(1)];
    await spoil(bad.id, fields);
    expect(await counters.query({})).toEqual([good]);
    expect(logged).toMatchObject([{ collection: 'counters', id: bad.id, err: { message: expect.any(String) } }]);
    expect(await metrics.metrics()).toContain('unreadable_documents_total{collection="counters"} 1');
  });

  it('is logged once, even if lists contain it often', async () => {
    const { id } = await make();
    await spoil(id);
    for (let times = 0; times < 5; times++) await counters.query({});
    expect(logged).toHaveLength(1);
    expect(await metrics.metrics()).toContain('unreadable_documents_total{collection="counters"} 5');
  });

  it('does not take a place on a page', async () => {
    const made: Counter[] = [];
    for (let count = 0; count < 12; count++) made.push(await make(count));
    await Promise.all(made.slice(0, 9).map(({ id }) => spoil(id)));
    const page = { sort: { _id: 1 }, limit: 2 } as const;
    expect(await counters.query({}, page)).toEqual(made.slice(9, 11));
    expect(await counters.query({}, { ...page, limit: 3 })).toEqual(made.slice(9));
    expect(await counters.query({}, { ...page, limit: 50 })).toEqual(made.slice(9));
  });

  it('does not stop an iteration over all of them, even if whole pages are unreadable', async () => {
    const documentsMade = Array.from({ length: 620 }, (_, count) => ({
      _id: `${count}`.padStart(24, '0'),
      version: 0,
      count: count < 500 ? 'many' : count,
      outbox: [],
    }));
    await documents().insertMany(documentsMade);
    const found = await all(counters.each({ version: 0 }));
    expect(idsOf(found)).toEqual(documentsMade.slice(500).map(({ _id }) => _id));
  });

  it.each([
    ['on one page', 0],
    ['on many', 450],
  ])('is logged by an iteration even if its id is no text, and does not stop it, %s', async (_, others) => {
    const odd = [new mongoose.mongo.ObjectId(), 7, { toString: 1 }, new Date(), true];
    const raw = database.connection.collection<{ _id: unknown; [field: string]: unknown }>('counters');
    await raw.insertMany(odd.map((_id) => ({ _id, version: 0, count: 1, outbox: [] })));
    await raw.insertOne({ _id: '', version: 0, count: 'many', outbox: [] });
    await raw.insertOne({ _id: 8, version: 1, count: 1, outbox: [] });
    const more = Array.from({ length: others }, (_, count) => ({ version: 0, count, outbox: [] }));
    const proper = more.map((fields, count) => ({ ...fields, _id: `${count}`.padStart(24, '0') }));
    if (others > 0) await raw.insertMany(proper);
    const good = await make();
    const found = await all(counters.each({ version: 0 }));
    expect(idsOf(found)).toEqual([...proper.map(({ _id }) => _id), good.id]);
    expect(logged.map(({ id }) => id).toSorted()).toEqual(
      odd
        .map((id) => inspect(id))
        .concat('')
        .toSorted(),
    );
  });

  it('is an internal error if it is requested by its id', async () => {
    const { id } = await make();
    await spoil(id);
    const asked = [
      counters.get(id),
      counters.find(id),
      counters.findOne({ _id: id }),
      counters.change(id, raise),
      counters.announce(id),
      counters.bar(id),
    ];
    for (const result of await Promise.allSettled(asked)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { name: 'UnreadableDocument', collection: 'counters', id, message: expect.stringContaining('count') },
      });
    }
  });
});
