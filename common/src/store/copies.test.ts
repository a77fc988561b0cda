import pino from 'pino';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import { type Copies, copies } from './copies.ts';

const Counter = z.object({ id: z.string(), version: z.int(), count: z.int() });
type Counter = z.infer<typeof Counter>;

let database: TestDatabase;
let seen: Copies<Counter>;
let logged: { id?: string; collection?: string }[];

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  logged = [];
  const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  seen = copies({ collection: 'seen', data: Counter }, { connection: database.connection, logger });
  await seen.prepare();
});

afterAll(() => database.drop());

describe('a copy', () => {
  it('is not changed by an older or repeated snapshot', async () => {
    const id = newId();
    expect(await seen.take({ id, version: 3, count: 3 })).toBe('now');
    expect(await seen.take({ id, version: 3, count: 99 })).toBe('already');
    expect(await seen.take({ id, version: 1, count: 1 })).toBe('overtaken');
    expect(await seen.take({ id, version: 7, count: 7 })).toBe('now');
    expect(await seen.find(id)).toEqual({ id, version: 7, count: 7 });
  });

  it('has the newest version after concurrent snapshots in any order', async () => {
    for (let round = 0; round < 10; round++) {
      const id = newId();
      const versions = [4, 0, 3, 1, 4, 2, 0];
      await Promise.all(versions.map((version) => seen.take({ id, version, count: version })));
      expect(await seen.find(id)).toEqual({ id, version: 4, count: 4 });
    }
  });

  it('that cannot be read does not hide the others, and is repaired by the next snapshot', async () => {
    const owner = newId();
    const [bad, good] = [newId(), newId()];
    for (const id of [bad, good]) await seen.take({ id, version: 1, count: 1 });
    const documents = database.connection.collection<{ _id: string }>('seen');
    await documents.updateMany({ _id: { $in: [bad, good] } }, { $set: { owner } });
    await documents.updateOne({ _id: bad }, { $set: { count: 'many' } });
    expect(await seen.query({ owner }, 1)).toEqual([{ id: good, version: 1, count: 1 }]);
    expect(logged).toMatchObject([{ collection: 'seen', id: bad }]);
    await expect(seen.find(bad)).rejects.toMatchObject({ name: 'UnreadableDocument', collection: 'seen', id: bad });
    expect(await seen.take({ id: bad, version: 2, count: 2 })).toBe('now');
    expect(await seen.find(bad)).toEqual({ id: bad, version: 2, count: 2 });
  });
});
