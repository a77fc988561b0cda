import { pino } from 'pino';
import { z } from 'zod';
import { Id, Version } from '../contracts/primitives.ts';
import { copies } from '../store/copies.ts';
import { type Cable, cable } from '../testing/cable.ts';
import { connectTestBus, type TestDatabase, testBusUrl, testDatabase } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import { awaitedCopies } from './awaited-copies.ts';
import type { Bus } from './bus.ts';

const Counter = z.object({ id: Id, version: Version });

let bus: Bus;
let line: Cable;
let database: TestDatabase;

beforeAll(async () => {
  line = await cable(await testBusUrl());
  bus = await connectTestBus(line.url);
  database = await testDatabase();
});

afterEach(async () => {
  line.plug();
  await eventually(() => expect(bus.connectedSince()).not.toBeNull());
});

afterAll(async () => {
  await bus.close();
  await line.close();
  await database.drop();
});

const held = () =>
  copies({ collection: 'held', data: Counter }, { connection: database.connection, logger: pino({ level: 'silent' }) });
const now = () => new Date();
/** An id made that many seconds ago. */
const idMade = (secondsAgo: number) =>
  Math.floor(Date.now() / 1_000 - secondsAgo)
    .toString(16)
    .padStart(8, '0') + newId().slice(8);
/** A bus that has been connected for a long time. */
const steady = () => ({ connection: bus.connection, connectedSince: () => bus.connectedSince() && 1 });

async function timed<Result>(work: Promise<Result>): Promise<{ ms: number; result: Result }> {
  const startedAt = performance.now();
  const result = await work;
  return { ms: performance.now() - startedAt, result };
}

const refused = async (work: Promise<unknown>) => {
  const { ms, result } = await timed(
    work.then(
      () => 'found',
      (error: unknown) => error,
    ),
  );
  expect(result).toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  return ms;
};

describe('something whose announcement may not have arrived', () => {
  it('is waited for by all requests, which get it as soon as it arrives', async () => {
    const counters = held();
    const { find } = awaitedCopies({ copies: counters, bus: steady(), now, waitMs: 20_000 });
    const counter = { id: newId(), version: 0 };
    const asked = Array.from({ length: 20 }, () => find(counter.id));
    await counters.take({ id: newId(), version: 0 });
    await counters.take(counter);
    expect(new Set((await Promise.all(asked)).map((it) => it?.id))).toEqual(new Set([counter.id]));
    expect(await find(counter.id)).toEqual(counter);
  });

  it.each([
    ['is repeated under its Idempotency-Key', 60],
    ['comes from a waiting list', 30 * 86_400],
  ])('is waited for however old its id is, as when its order %s', async (_, secondsAgo) => {
    const counters = held();
    const { find } = awaitedCopies({ copies: counters, bus: steady(), now, waitMs: 20_000 });
    const counter = { id: idMade(secondsAgo), version: 0 };
    const asked = find(counter.id);
    await counters.take(counter);
    expect(await asked).toEqual(counter);
  });

  it('is looked up once by a request that gets it from its event', async () => {
    const counters = held();
    let lookUps = 0;
    const counted = {
      ...counters,
      find: (id: string) => {
        lookUps++;
        return counters.find(id);
      },
    };
    const { find } = awaitedCopies({ copies: counted, bus: steady(), now, waitMs: 20_000 });
    const counter = { id: newId(), version: 0 };
    const asked = find(counter.id);
    await eventually(() => expect(lookUps).toBe(1));
    await counters.take(counter);
    expect(await asked).toEqual(counter);
    expect(lookUps).toBe(1);
  });

  it('is found when another replica has received it', async () => {
    const { find } = awaitedCopies({ copies: held(), bus: steady(), now, waitMs: 20_000 });
    const counter = { id: newId(), version: 0 };
    const asked = find(counter.id);
    await held().take(counter);
    expect(await asked).toEqual(counter);
  });

  it('counts as missing after a while', async () => {
    // Long enough for NATS to answer meanwhile.
    const { find } = awaitedCopies({ copies: held(), bus: steady(), now, waitMs: 2_000 });
    const { ms, result } = await timed(find(newId()));
    expect(result).toBeNull();
    expect(ms).toBeGreaterThanOrEqual(1_995);
  });

  it.each([
    ['an invalid id', () => 'x'],
    ['an id in capitals', () => newId().toUpperCase().replace(/\d/g, 'A')],
    ['an id from tomorrow', () => idMade(-86_400)],
    ['an id from the end of time', () => 'f'.repeat(24)],
  ])('counts as missing at once with %s', async (_, id) => {
    const { find } = awaitedCopies({ copies: held(), bus: steady(), now, waitMs: 20_000 });
    const { ms, result } = await timed(find(id()));
    expect(result).toBeNull();
    expect(ms).toBeLessThan(10_000);
  });

  it('is polled for in the database as often for many requests as for one', async () => {
    const counters = held();
    let looks = 0;
    const counted = {
      ...counters,
      query(...asked: Parameters<typeof counters.query>) {
        looks++;
        return counters.query(...asked);
      },
    };
    const { find } = awaitedCopies({ copies: counted, bus: steady(), now, waitMs: 2_000 });
    await Promise.all(Array.from({ length: 200 }, () => find(newId())));
    expect(looks).toBeGreaterThan(0);
    // Fewer than if each request polled for itself, even on a slow machine.
    expect(looks).toBeLessThan(100);
  });

  it('is waited for by a limited number of requests; others are told to retry', async () => {
    const counters = held();
    const { find } = awaitedCopies({ copies: counters, bus: steady(), now, waitMs: 20_000, maxWaiting: 3 });
    const ids = [newId(), newId(), newId(), newId()];
    const asked = ids.map((id) =>
      find(id).then(
        (it) => it?.id,
        ({ code }) => code,
      ),
    );
    // The first three of them wait.
    expect(await Promise.race(asked)).toBe('unavailable');
    for (const id of ids) await counters.take({ id, version: 0 });
    const answers = await Promise.all(asked);
    expect(answers.filter((it) => it === 'unavailable')).toHaveLength(1);
    expect(answers.filter((it) => ids.includes(it))).toHaveLength(3);
    expect(
      await awaitedCopies({ copies: counters, bus: steady(), now, waitMs: 2_000, maxWaiting: 1 }).find(newId()),
    ).toBeNull();
  });
});

describe('while the broker is unavailable, a request', () => {
  it('is not told that something does not exist', async () => {
    const { find } = awaitedCopies({ copies: held(), bus, now, waitMs: 20_000 });
    line.pull();
    await eventually(() => expect(bus.connectedSince()).toBeNull());
    expect(await refused(find(newId()))).toBeLessThan(10_000);
    expect(await find(idMade(-86_400))).toBeNull();
    expect(await find('x')).toBeNull();
  });

  it('finds what has already arrived', async () => {
    const counters = held();
    const counter = { id: newId(), version: 0 };
    await counters.take(counter);
    line.pull();
    await eventually(() => expect(bus.connectedSince()).toBeNull());
    expect(await awaitedCopies({ copies: counters, bus, now }).find(counter.id)).toEqual(counter);
  });

  it('is not told so either if the broker hangs with its connection open', async () => {
    const { find } = awaitedCopies({ copies: held(), bus: steady(), now, waitMs: 300 });
    line.hold();
    await refused(find(newId()));
  });
});
