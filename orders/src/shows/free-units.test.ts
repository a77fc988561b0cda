import type { Show } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import { type TestDatabase, testDatabase } from '@box-office/common/testing/engines';
import { newId, type TestClock, testClock } from '@box-office/common/testing/parts';
import { claimOf, shelfOf } from '../lookup.ts';
import { type FreeUnits, freeUnits, type Pick } from './free-units.ts';
import { type Holdings, holdingsIn } from './holdings.ts';

let database: TestDatabase;
let now: TestClock;
let free: FreeUnits;
/** How often the orders of a show were read: all of them, or what has changed. */
let readings: { all: number; changes: number };

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(() => {
  now = testClock();
  free = hints();
});

afterAll(() => database.drop());

function hints(most?: number): FreeUnits {
  readings = { all: 0, changes: 0 };
  const real = holdingsIn(database.connection);
  const holdings: Holdings = {
    ...real,
    changedSince(showId, since) {
      readings[since ? 'changes' : 'all']++;
      return real.changedSince(showId, since);
    },
  };
  return freeUnits({ holdings, now, ...(most === undefined ? {} : { most }) });
}

const showOf = (quantity: number, seats?: string[]): Show => ({
  ...{ id: newId(), version: 1, userId: 'organiser', state: 'on-sale', title: 'Hamlet', venue: { name: 'The Globe' } },
  ...{ timeZone: 'Europe/London', startsAt: '2100-01-01T19:00:00.000Z', currency: 'eur' },
  kinds: [{ id: newId(), name: 'Stalls', price: 1_500, quantity, made: quantity, ...(seats && { seats }) }],
});

const kindIdOf = ({ kinds: [kind] }: Show): string => kind?.id ?? '';
const wanted = (show: Show, quantity: number) => new Map([[kindIdOf(show), quantity]]);

async function pick(show: Show, quantity: number): Promise<Pick> {
  const picked = await free.pick(show, wanted(show, quantity));
  if ('left' in picked) throw new Error(`only ${JSON.stringify(picked.left)}`);
  return picked;
}

const orders = () => database.connection.collection<{ _id: string; status: string; shelf: string }>('orders');

/** An order that another process writes. */
async function elsewhere(show: Show, numbers: readonly number[], attempt = 1, status = 'created'): Promise<string> {
  const _id = newId();
  const tickets = numbers.map((number) => {
    const kindId = kindIdOf(show);
    return { id: unitId(show.id, kindId, number), kindId, number, attempt };
  });
  const shelf = shelfOf(show.id, now().toISOString());
  await orders().insertOne({ _id, status, tickets, claims: tickets.map(claimOf), shelf } as never);
  return _id;
}

const cancelled = (show: Show, _id: string, at = now()) =>
  orders().updateOne({ _id }, { $set: { status: 'cancelled', shelf: shelfOf(show.id, at.toISOString()) } });

const numbersOf = ({ units }: Pick) => units.map(({ number }) => number).toSorted((one, other) => one - other);

describe('picking free tickets', () => {
  it('leaves out what orders hold, and counts attempts on', async () => {
    const show = showOf(5);
    await elsewhere(show, [1, 2]);
    await elsewhere(show, [3], 1, 'cancelled');
    await elsewhere(show, [3], 2, 'cancelled');
    await elsewhere(show, [4], 1, 'complete');
    const picked = await pick(show, 2);
    expect(numbersOf(picked)).toEqual([3, 5]);
    expect(picked.units.map(({ attempt }) => attempt).toSorted()).toEqual([1, 3]);
    expect(readings).toEqual({ all: 1, changes: 0 });
  });

  it('tries others after a collision', async () => {
    const show = showOf(4);
    const first = await pick(show, 2);
    const [lost] = numbersOf(first);
    await elsewhere(show, [lost ?? 0]);
    await first.correct();
    first.release();
    const second = await pick(show, 3);
    expect(numbersOf(second)).not.toContain(lost);
  });

  it('reports too few only after asking the database, which may know of more', async () => {
    const show = showOf(3);
    const order = await elsewhere(show, [1, 2]);
    expect(await free.pick(show, wanted(show, 2))).toEqual({ left: [{ kindId: kindIdOf(show), left: 1 }] });
    await cancelled(show, order);
    expect(numbersOf(await pick(show, 3))).toEqual([1, 2, 3]);
    expect(readings.all).toBe(1);
  });

  it('lets all who are refused share few readings', async () => {
    const show = showOf(2);
    await elsewhere(show, [1, 2]);
    await free.pick(show, wanted(show, 1));
    readings = { all: 0, changes: 0 };
    const answers = await Promise.all(Array.from({ length: 500 }, () => free.pick(show, wanted(show, 1))));
    expect(answers.every((answer) => 'left' in answer)).toBe(true);
    expect(readings.all + readings.changes).toBeLessThanOrEqual(2);
  });

  it('refuses nobody because of tickets that are only picked', async () => {
    const show = showOf(2);
    const [first, second] = [await pick(show, 1), await pick(show, 1)];
    const waiting = pick(show, 1);
    first.release();
    expect(numbersOf(await waiting)).toEqual(numbersOf(first));
    const last = free.pick(show, wanted(show, 1));
    await elsewhere(show, numbersOf(second));
    await second.correct();
    second.release();
    const third = await waiting;
    await elsewhere(show, numbersOf(third));
    await third.correct();
    third.release();
    expect(await last).toEqual({ left: [{ kindId: kindIdOf(show), left: 0 }] });
  });

  it('reads everything afresh once a minute, in case a change was missed', async () => {
    const show = showOf(1);
    const order = await elsewhere(show, [1]);
    await free.pick(show, wanted(show, 1));
    // Its clock was far behind.
    await cancelled(show, order, new Date(now().getTime() - 30_000));
    expect(await free.pick(show, wanted(show, 1))).toHaveProperty('left');
    now.forward(61_000);
    await pick(show, 1);
    expect(readings.all).toBe(2);
  });

  it('knows of the tickets that a newer version of the show has', async () => {
    const show = showOf(2);
    const held = await pick(show, 2);
    const [kind] = show.kinds;
    const bigger = { ...show, version: 2, kinds: kind ? [{ ...kind, quantity: 4, made: 4 }] : [] };
    expect(numbersOf(await pick(bigger, 2))).toEqual([3, 4]);
    held.release();
    expect(numbersOf(await pick(show, 2))).toEqual([1, 2]);
  });

  it('is not misled by an order that cannot be read', async () => {
    const show = showOf(2);
    const order = await elsewhere(show, [1]);
    await orders().updateOne({ _id: order }, { $set: { tickets: 'none', status: 7 } } as never);
    const picked = await pick(show, 2);
    await picked.correct();
    picked.release();
    expect(numbersOf(await pick(show, 1))).toEqual([2]);
  });
});

describe('picking seats', () => {
  const seatsOf = async (show: Show, numbers: readonly number[]) =>
    (await free.seats(
      show,
      numbers.map((number) => unitId(show.id, kindIdOf(show), number)),
    )) ?? [];

  it('finds out that a seat which was held is free again', async () => {
    const show = showOf(2, ['A1', 'A2']);
    const order = await elsewhere(show, [1]);
    const seats = await seatsOf(show, [1, 2]);
    expect(await free.pickSeats(show, seats)).toEqual({ taken: [seats[0]?.id] });
    await cancelled(show, order);
    const picked = await free.pickSeats(show, seats);
    expect('units' in picked && picked.units).toMatchObject([
      { number: 1, attempt: 2 },
      { number: 2, attempt: 1 },
    ]);
  });

  it('finds one on offer that was sold on to others since it was last read', async () => {
    const show = showOf(1, ['A1']);
    const first = await elsewhere(show, [1], 1, 'complete');
    const seats = await seatsOf(show, [1]);
    expect(await free.pickSeats(show, seats)).toHaveProperty('taken');
    const second = await elsewhere(show, [1], 2, 'complete');
    const set = (_id: string, field: string, to: string) => orders().updateOne({ _id }, { $set: { [field]: to } });
    await set(first, 'tickets.0.ended', 'resold');
    await set(second, 'tickets.0.offeredAt', now().toISOString());
    for (const attempt of [2, 3]) {
      const picked = await free.pickSeats(show, seats);
      expect('units' in picked && picked.units).toMatchObject([{ number: 1, attempt }]);
      if (!('units' in picked)) return;
      await picked.correct();
      picked.release();
    }
  });

  it('waits for who has picked one of them', async () => {
    const show = showOf(3, ['A1', 'A2', 'A3']);
    const [mine, theirs] = [await seatsOf(show, [1, 2]), await seatsOf(show, [2, 3])];
    const first = await free.pickSeats(show, mine);
    const second = free.pickSeats(show, theirs);
    if ('units' in first) first.release();
    expect(await second).toHaveProperty('units');
  });
});

describe('what is kept in memory', () => {
  it('is a megabyte at most for 50,000 tickets', async () => {
    const { arrayBuffers: before } = process.memoryUsage();
    await pick(showOf(50_000), 1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('has a bound: what was asked for longest ago is read again when it is needed', async () => {
    free = hints(5);
    const shows = [showOf(2), showOf(2), showOf(2)] as const;
    for (const show of shows) await pick(show, 1);
    await pick(shows[1], 1);
    expect(readings.all).toBe(3);
    await pick(shows[0], 1);
    expect(readings.all).toBe(4);
  });
});
