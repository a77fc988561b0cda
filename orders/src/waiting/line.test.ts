import type { Show } from '@box-office/common/contracts/shows';
import { lastPosition } from '@box-office/common/contracts/waiting';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import { newId } from '@box-office/common/testing/parts';
import pino from 'pino';
import type { FreeUnits } from '../shows/free-units.ts';
import { type Entry, join, leave } from './entry.ts';
import { type Lines, linesOf } from './line.ts';
import { type Entries, entriesIn } from './store.ts';
import { turnsIn } from './turns.ts';

const logger = pino({ level: 'silent' });

let database: TestDatabase;
let entries: Entries;
let lines: Lines;
/** How many entries each query asked for at most. */
let asked: (number | undefined)[];

beforeAll(async () => {
  database = await testDatabase();
  const { connection } = database;
  const relay = { offer: () => true, watch: async () => undefined };
  entries = entriesIn({ connection, relay, now: () => new Date(), newId, logger });
  await entries.prepare();
});

beforeEach(() => {
  asked = [];
  const counted: Pick<Entries, 'query'> = {
    query(filter, query) {
      asked.push(query?.limit);
      return entries.query(filter, query);
    },
  };
  lines = linesOf(counted, database.connection);
});

afterAll(() => database.drop());

/** A line of people who want so many tickets each, in this order. */
async function line(...quantities: number[]): Promise<readonly Entry[]> {
  const facts = { showId: newId(), kindId: newId(), kind: 'Stalls', title: 'Hamlet', place: null };
  const some: Entry[] = [];
  for (const [index, quantity] of quantities.entries()) {
    const entry = join({ ...facts, id: newId(), quantity, userId: `person-${index}`, number: index + 1 });
    some.push(await entries.add(entry));
  }
  return some;
}

const kindOf = ([first]: readonly Entry[]): string => first?.kindId ?? '';

describe('an order for a show', () => {
  const freeUnits = {
    left: () => Promise.reject(new Error('nobody waits, so nothing is to be counted')),
  } as unknown as FreeUnits;

  it('costs one read of two entries at most, for each of its kinds, while nobody else waits', async () => {
    const turns = turnsIn({ entries, lines, freeUnits, logger });
    const mine = await line(2);
    const wanted = new Map([
      [kindOf(mine), 1],
      [newId(), 1],
    ]);
    expect(
      await turns.mustNotOvertake({ userId: 'person-0', by: 'person-0' }, { id: newId() } as Show, wanted),
    ).toEqual([kindOf(mine)]);
    expect(asked).toEqual([2, 2]);
  });
});

describe('the next in line', () => {
  it('is found by one read for each number of tickets that people want, however many wait', async () => {
    const some = await line(3, ...Array(10).fill(2), ...Array(10).fill(1), 4);
    expect(await lines.next(kindOf(some), 50, new Set())).toEqual(some[0]);
    expect(asked).toEqual([1, 1, 1, 1, 1]);
  });

  it('is the first of those for whom there are enough, apart from those who were tried', async () => {
    const [three, two, one, more] = await line(3, 2, 1, 2);
    const kindId = three?.kindId ?? '';
    expect(await lines.next(kindId, 2, new Set())).toEqual(two);
    expect(await lines.next(kindId, 1, new Set())).toEqual(one);
    expect(await lines.next(kindId, 2, new Set([`${two?.id}`, `${one?.id}`]))).toEqual(more);
    expect(await lines.next(newId(), 50, new Set())).toBeNull();
  });
});

describe('a position', () => {
  it('counts those who wait before somebody, and no others', async () => {
    const [first, second, third] = await line(1, 1, 1);
    if (!first || !second || !third) throw new Error('three wait');
    await line(1, 1);
    expect(await lines.positionOf(third)).toBe(3);
    await entries.change(first.id, leave);
    expect(await lines.positionOf(third)).toBe(2);
  });

  it('is counted up to the last that is told', async () => {
    const kindId = newId();
    const far = join({
      ...{ id: newId(), showId: newId(), kindId, kind: 'Stalls', title: 'Hamlet', place: null },
      ...{ quantity: 1, userId: 'far', number: 5_000 },
    });
    const many = Array.from({ length: lastPosition + 5 }, (_, index) => ({
      _id: newId(),
      line: `${kindId} ${String(index + 1).padStart(10, '0')}`,
    }));
    await database.connection.collection<{ _id: string; line: string }>('waiting').insertMany(many);
    expect(await lines.positionOf(await entries.add(far))).toBe(lastPosition);
  });
});

it('each line is found once', async () => {
  const kinds = [await line(1, 1, 2), await line(3), await line(50, 1)].map(kindOf);
  const found: string[] = [];
  for await (const { kindId } of lines.each()) found.push(kindId);
  expect(new Set(found).size).toBe(found.length);
  expect(found).toEqual(expect.arrayContaining(kinds));
});
