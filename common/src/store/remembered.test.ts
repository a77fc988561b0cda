import { jest } from '@jest/globals';
import mongoose from 'mongoose';
import { type Counter, type CounterBench, newCounter, openCounters, raise } from '../testing/counters.ts';
import type { Aggregates, StoredAggregate } from './aggregates.ts';
import type { OutboxEvent } from './outbox.ts';
import { remembered } from './remembered.ts';

let bench: CounterBench;
let counters: Aggregates<Counter>;
let offered: { types: string[]; version: number | null }[];
/** Whether the relay has room. */
let takes: boolean;

const newStore = () =>
  bench.newStore({
    offer(_, __, outbox: readonly OutboxEvent[], version) {
      offered.push({ types: outbox.map(({ type }) => type), version });
      return takes;
    },
    watch: async () => undefined,
  });

beforeAll(async () => {
  bench = await openCounters();
});

beforeEach(() => {
  [offered, takes] = [[], true];
  counters = newStore();
});

afterAll(() => bench.end());

const documents = () => bench.database.connection.collection<StoredAggregate>('counters');
const make = () => counters.add(newCounter());

/** Raises it, and resolves with the counts that this was decided on. */
async function raised(id: string, store = counters): Promise<number[]> {
  const seen: number[] = [];
  await store.change(id, (counter) => {
    seen.push(counter.count);
    return raise(counter);
  });
  return seen;
}

describe('a change of what this process wrote last', () => {
  it('is decided on that, and offers its own events only', async () => {
    const { id } = await make();
    expect([await raised(id), await raised(id)]).toEqual([[0], [1]]);
    expect(await counters.get(id)).toEqual({ id, version: 2, count: 2 });
    expect(offered).toEqual([
      { types: ['ticket.created'], version: 0 },
      { types: ['ticket.updated'], version: null },
      { types: ['ticket.updated'], version: null },
    ]);
    expect((await documents().findOne({ _id: id }))?.outbox).toHaveLength(3);
  });

  it('is decided again if another process has written since', async () => {
    const { id } = await make();
    await raised(id, newStore());
    expect(await raised(id)).toEqual([0, 1]);
    expect((await counters.get(id)).version).toBe(2);
  });

  it('is decided again if somebody has edited it by hand, without a new version', async () => {
    const { id } = await make();
    await documents().updateOne({ _id: id }, { $set: { count: 50 } });
    expect(await raised(id)).toEqual([0, 50]);
    await documents().updateOne({ _id: id }, { $set: { count: 'many' } });
    await expect(raised(id)).rejects.toThrow('count');
  });

  it('starts from the database if its events had no room, so that the next ones do not overtake them', async () => {
    takes = false;
    const { id } = await make();
    await raised(id);
    expect(offered.at(-1)).toEqual({ types: ['ticket.created', 'ticket.updated'], version: 1 });
  });

  it('is written by the id first, so that the bundled database looks at no other document', async () => {
    const { id } = await make();
    const update = jest.spyOn(mongoose.mongo.Collection.prototype, 'updateOne');
    await raised(id);
    const [[filter = {}] = []] = update.mock.calls;
    update.mockRestore();
    expect(Object.keys(filter)).toEqual(['_id', 'version', 'count']);
  });

  it('loses none of 40 concurrent changes in two processes', async () => {
    const { id } = await make();
    const other = newStore();
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? counters : other).change(id, raise)));
    expect(await counters.get(id)).toEqual({ id, version: 40, count: 40 });
  });
});

it('remembers a bounded number of states, the last ones', () => {
  const states = remembered<Counter>();
  const idOf = (n: number) => `${n}`;
  for (let n = 0; n <= 1_000; n++) states.note({ id: idOf(n), version: 0, count: n }, 0);
  expect(states.get(idOf(0))).toBeUndefined();
  expect(states.get(idOf(1_000))).toMatchObject({ state: { count: 1_000 }, condition: { count: 1_000 } });
});

it('remembers as many as it may, and nothing if they may be large', () => {
  const [some, none] = [remembered<Counter>(2), remembered<Counter>(0)];
  for (const id of ['a', 'b', 'c']) for (const states of [some, none]) states.note({ ...newCounter().next, id }, 1);
  expect(['a', 'b', 'c'].map((id) => some.get(id) !== undefined)).toEqual([false, true, true]);
  expect(none.get('c')).toBeUndefined();
});
