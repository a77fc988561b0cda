import pino from 'pino';
import { type TestDatabase, testDatabase } from '../../testing/engines.ts';
import { newId } from '../../testing/parts.ts';
import { byAggregate, type Clearer, createClearer, emptying, takingOut, unmarking } from './clearer.ts';
import { createOutboxes, type OutboxDocument } from './outboxes.ts';
import type { Entry } from './queue.ts';

const event = (id: string) => ({
  ...{ id, type: 'ticket.updated', source: '/tickets', subject: `tickets.${id}.updated`, time: '', traceparent: '' },
});
const entry = (id: string, version: number | null, ...ids: string[]): Entry => ({
  ...{ collection: 'tickets', id, version },
  events: ids.map((it) => ({ ...event(it), payload: '{}', inOutbox: true })),
});

describe('the removal of acknowledged events', () => {
  it('merges those of one aggregate, with its latest version', () => {
    const merged = byAggregate([entry('a', null, 'a1'), entry('b', 0, 'b1'), entry('a', 4, 'a2')]);
    expect(merged).toEqual([entry('a', 4, 'a1', 'a2'), entry('b', 0, 'b1')]);
  });

  it('empties whole outboxes of one version together, twenty at a time', () => {
    const many = Array.from({ length: 25 }, (_, n) => entry(`a${n}`, 3, `e${n}`));
    const updates = emptying([...many, entry('b', 0, 'b1')]);
    const filters = updates.map((it) => ('updateMany' in it ? it.updateMany.filter : {}));
    expect(filters).toMatchObject([
      { version: 3, _id: { $in: many.slice(0, 20).map(({ id }) => id) } },
      { version: 3, _id: { $in: many.slice(20).map(({ id }) => id) } },
      { version: 0, _id: { $in: ['b'] } },
    ]);
  });

  it('removes single events otherwise', () => {
    expect(takingOut([entry('a', 3, 'a1', 'a2')])).toEqual([
      { updateOne: { filter: { _id: 'a' }, update: { $pull: { outbox: { id: { $in: ['a1', 'a2'] } } } } } },
    ]);
    expect(unmarking(Array.from({ length: 41 }, (_, n) => entry(`a${n}`, null)))).toHaveLength(3);
  });
});

describe('the clearer', () => {
  let database: TestDatabase;
  let clearer: Clearer;
  let stopping: AbortController;
  let done: string[];

  beforeAll(async () => {
    database = await testDatabase();
  });

  beforeEach(() => {
    [stopping, done] = [new AbortController(), []];
    clearer = createClearer({
      documents: createOutboxes(database.connection).documents,
      keep: async () => void done.push('kept'),
      cleared: (entries) => void done.push(...entries.map(({ id }) => id)),
      logger: pino({ level: 'silent' }),
      signal: stopping.signal,
    });
  });

  afterAll(() => database.drop());

  const documents = () => database.connection.collection<OutboxDocument & { announced?: boolean }>('tickets');

  async function stored(version: number, more: object, ...ids: string[]): Promise<string> {
    const _id = newId();
    await documents().insertOne({ _id, version, outbox: ids.map((id) => ({ ...event(id), data: {} })), ...more });
    return _id;
  }

  const now = async (id: string) => {
    const { outbox = [], announced = false } = (await documents().findOne({ _id: id })) ?? {};
    return { outbox: outbox.map((it) => it.id), announced };
  };

  it('stores the bookmark, removes the events, and reports which it removed', async () => {
    const a = await stored(1, {}, 'a1', 'a2');
    clearer.add([entry(a, 1, 'a1', 'a2')]);
    await clearer.clear();
    expect(await now(a)).toEqual({ outbox: [], announced: false });
    expect(done).toEqual(['kept', a]);
  });

  it('leaves events that were added meanwhile, with or without a change', async () => {
    const [still, changed, joined] = [
      await stored(1, {}, 's1'),
      await stored(2, {}, 'c1', 'c2'),
      await stored(1, { announced: true }, 'j1', 'j2'),
    ];
    clearer.add([entry(still, 1, 's1'), entry(changed, 1, 'c1'), entry(joined, 1, 'j1')]);
    await clearer.clear();
    expect([await now(still), await now(changed), await now(joined)]).toEqual([
      { outbox: [], announced: false },
      { outbox: ['c2'], announced: false },
      { outbox: ['j2'], announced: true },
    ]);
  });

  it('can empty an outbox at once again after a repair was announced from it', async () => {
    const a = await stored(1, { announced: true }, 'a1', 'a2');
    clearer.add([entry(a, 1, 'a1', 'a2')]);
    await clearer.clear();
    expect(await now(a)).toEqual({ outbox: [], announced: false });
  });

  it('does not fail if the database does, because the sweep finds the rest', async () => {
    const a = await stored(1, {}, 'a1');
    await documents().updateOne({ _id: a }, { $set: { outbox: 'gone' as unknown as [] } });
    clearer.add([entry(a, null, 'a1')]);
    await clearer.clear();
    expect(done).toEqual(['kept', a]);
  });
});
