import { type Counter, type CounterBench, newCounter, openCounters, raise } from '../testing/counters.ts';
import type { Aggregates, StoredAggregate } from './aggregates.ts';
import { changed, unchanged } from './change.ts';
import type { OutboxEvent } from './outbox.ts';

let bench: CounterBench;
let counters: Aggregates<Counter>;
let offered: (number | null)[];

beforeAll(async () => {
  bench = await openCounters();
});

beforeEach(() => {
  offered = [];
  counters = bench.newStore({
    offer(_, __, ___, version) {
      offered.push(version);
      return false;
    },
    watch: async () => undefined,
  });
});

afterAll(() => bench.end());

const documents = () => bench.database.connection.collection<StoredAggregate>('counters');
const make = () => counters.add(newCounter());
const outboxOf = async (id: string): Promise<OutboxEvent[]> => (await documents().findOne({ _id: id }))?.outbox;

describe('a change of a state that was read before', () => {
  /** Counts how often it decides, and on what. */
  function watched(): { seen: number[]; decide: typeof raise } {
    const seen: number[] = [];
    const decide = (counter: Counter) => {
      seen.push(counter.count);
      return raise(counter);
    };
    return { seen, decide };
  }

  it('is written if nobody was faster', async () => {
    const { id } = await make();
    const found = await counters.get(id);
    const { seen, decide } = watched();
    expect(await counters.change(id, decide, found)).toEqual({ id, version: 1, count: 1 });
    expect(seen).toEqual([0]);
    expect((await outboxOf(id)).map(({ data }) => data)).toEqual([
      { id, version: 0, count: 0 },
      { id, version: 1, count: 1 },
    ]);
  });

  it('is decided again on what is stored if somebody was', async () => {
    const { id } = await make();
    const found = await counters.get(id);
    await counters.change(id, raise);
    const { seen, decide } = watched();
    expect(await counters.change(id, decide, found)).toEqual({ id, version: 2, count: 2 });
    expect(seen).toEqual([0, 1]);
  });

  it('is neither refused nor left out because of that state alone', async () => {
    const { id } = await make();
    const found = await counters.get(id);
    await counters.change(id, raise);
    const unlessNew = (counter: Counter) => (counter.count === 0 ? unchanged(counter) : raise(counter));
    const notNew = (counter: Counter) => {
      if (counter.count === 0) throw new Error('it is new');
      return raise(counter);
    };
    expect((await counters.change(id, unlessNew, found)).count).toBe(2);
    expect((await counters.change(id, notNew, found)).count).toBe(3);
  });

  it('ignores a state of something else, or one that was never stored', async () => {
    const [{ id }, other] = [await make(), await counters.add(newCounter(7))];
    expect((await counters.change(id, raise, await counters.get(other.id))).count).toBe(1);
    expect((await counters.change(id, raise, { id, version: 1, count: 50 })).count).toBe(2);
  });
});

describe('a change that is not announced', () => {
  const note = (counter: Counter) => changed({ ...counter, count: counter.count + 100 });
  /** What a release does that does not know of such changes: it is conditional on `version` and raises it. */
  const changeAsBefore = async (id: string, version: number) => {
    const { modifiedCount } = await documents().updateOne({ _id: id, version }, { $inc: { version: 1, count: 1 } });
    return modifiedCount === 1;
  };
  const storedVersion = async (id: string) => (await documents().findOne({ _id: id }))?.version;

  it('is stored and leaves version, outbox and time as they are', async () => {
    const { id } = await make();
    const before = await documents().findOne({ _id: id });
    expect(await counters.change(id, note)).toEqual({ id, version: 0, count: 100 });
    expect(await counters.get(id)).toEqual({ id, version: 0, count: 100 });
    expect(await counters.query({ _id: id })).toEqual([{ id, version: 0, count: 100 }]);
    const after = await documents().findOne({ _id: id });
    expect(after).toMatchObject({ outbox: before?.outbox, changedAt: before?.changedAt });
  });

  it('is followed by announced ones without a gap in their versions', async () => {
    const { id } = await make();
    for (const decide of [note, raise, note, note, raise]) await counters.change(id, decide);
    expect(await counters.get(id)).toEqual({ id, version: 2, count: 302 });
    const announced = (await outboxOf(id)).map(({ data }) => data);
    expect(announced).toEqual([0, 101, 302].map((count, version) => ({ id, version, count })));
    await counters.announce(id);
    expect((await outboxOf(id)).at(-1)?.data).toEqual({ id, version: 2, count: 302 });
  });

  it('is noticed by every concurrent writer', async () => {
    const { id } = await make();
    await Promise.all(Array.from({ length: 40 }, (_, n) => counters.change(id, n % 2 ? note : raise)));
    expect(await counters.get(id)).toEqual({ id, version: 20, count: 2_020 });
    // The relay may empty an outbox only at the number of writes at which it was offered.
    expect(Math.max(...offered.map(Number))).toBe(await storedVersion(id));
  });

  it('is noticed by a writer of an earlier release, whose changes are counted on', async () => {
    const { id } = await make();
    await counters.change(id, note);
    expect(await changeAsBefore(id, 0)).toBe(false);
    expect(await changeAsBefore(id, 1)).toBe(true);
    // That release announces the number it has stored.
    expect(await counters.get(id)).toEqual({ id, version: 2, count: 101 });
    await counters.change(id, note);
    expect((await counters.change(id, raise)).version).toBe(3);
    expect(await changeAsBefore(id, 4)).toBe(true);
    expect((await counters.change(id, raise)).version).toBe(6);
  });
});
