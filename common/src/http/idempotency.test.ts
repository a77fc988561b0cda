import mongoose from 'mongoose';
import pino from 'pino';
import { Registry } from 'prom-client';
import request, { type Test } from 'supertest';
import { z } from 'zod';
import { notFound, problem } from '../problem.ts';
import { type TestDatabase, testDatabase } from '../testing/engines.ts';
import { createApp } from './app.ts';
import { type Attempt, idempotencyKeys, makeOnce } from './idempotency.ts';
import { route } from './route.ts';

interface Thing {
  readonly id: string;
  readonly version: number;
  readonly title: string;
}

let database: TestDatabase;
let clock: number;
let things: Map<string, Thing>;
let barred: Set<string>;
let attempts: Attempt[];
/** Run before and after a thing is created. */
let before: () => unknown;
let after: () => unknown;

beforeEach(async () => {
  database = await testDatabase();
  clock = Date.parse('2031-05-01T10:00:00Z');
  things = new Map();
  barred = new Set();
  attempts = [];
  before = () => undefined;
  after = () => undefined;
});
afterEach(() => database.drop());

async function makeThing(id: string, title: string): Promise<Thing> {
  await before();
  if (things.has(id) || barred.has(id)) throw problem('busy', 'The id is taken.');
  const thing = { id, version: 0, title };
  things.set(id, thing);
  await after();
  return thing;
}

/** Behaves like the store of aggregates. */
const store = {
  find: async (id: string) => things.get(id) ?? null,
  async bar(id: string) {
    const thing = things.get(id) ?? null;
    if (!thing) barred.add(id);
    return thing;
  },
};

/** A replica of a service that creates things. */
async function replica() {
  const keys = idempotencyKeys({
    connection: database.connection,
    now: () => new Date(clock),
    newId: () => new mongoose.Types.ObjectId().toHexString(),
  });
  await keys.prepare();
  const declaration = {
    who: 'signedIn',
    summary: 'Make a thing',
    body: z.object({ title: z.string() }),
    keys,
    answers: { 201: { description: 'It is made', body: z.custom<Thing>(), headers: { Location: 'Where it is' } } },
  } as const;
  const make = (attempt: Attempt, title: string) => {
    attempts.push(attempt);
    return makeOnce(attempt, store, () => makeThing(attempt.id, title));
  };
  const routes = (['POST /things', 'POST /others'] as const).map((name) =>
    route(name, {
      ...declaration,
      handle: ({ body, once }) =>
        once(async (attempt) => {
          const thing = await make(attempt, body.title);
          return { status: 201, headers: { Location: `/things/${thing.id}` }, body: thing };
        }),
    }),
  );
  return createApp({
    name: 'kit',
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    identity: { verify: async (name = '') => ({ id: name }) },
    routes,
    readiness: () => [],
  });
}

type App = Awaited<ReturnType<typeof replica>>;

interface Asked {
  readonly key?: string;
  readonly as?: string;
  readonly title?: unknown;
  readonly path?: string;
}

function ask(app: App, { key, as = 'anna', title = 'A seat', path = '/things' }: Asked = {}): Test {
  const test = request(app).post(path).set('Authorization', as).send({ title });
  return key === undefined ? test : test.set('Idempotency-Key', key);
}

const crash = () => {
  throw new Error('the connection to the database was cut');
};

describe('a request with an Idempotency-Key', () => {
  it('is carried out once, and a repeat gets the same answer byte by byte', async () => {
    const app = await replica();
    const first = await ask(app, { key: 'one' }).expect(201);
    const second = await ask(await replica(), { key: 'one' }).expect(201);
    expect(second.text).toBe(first.text);
    expect(second.headers.location).toBe(first.headers.location);
    expect([first, second].map(({ headers }) => headers['idempotency-replayed'])).toEqual([undefined, 'true']);
    expect(things.size).toBe(1);
  });

  it('is the same whether the key is quoted or not', async () => {
    const app = await replica();
    const first = await ask(app, { key: '"one"' }).expect(201);
    expect((await ask(app, { key: 'one' }).expect(201)).body).toEqual(first.body);
  });

  it('is refused if the key was used with another body', async () => {
    const app = await replica();
    await ask(app, { key: 'one' }).expect(201);
    const { body } = await ask(app, { key: 'one', title: 'Another seat' }).expect(422);
    expect(body.code).toBe('idempotency-key-reused');
    expect(things.size).toBe(1);
  });

  it.each<[string, Asked]>([
    ['another key', { key: 'two' }],
    ['another person', { key: 'one', as: 'ben' }],
    ['another route', { key: 'one', path: '/others' }],
    ['no key', {}],
  ])('is a new request with %s', async (_, other) => {
    const app = await replica();
    await ask(app, { key: 'one' }).expect(201);
    await ask(app, other).expect(201);
    expect(things.size).toBe(2);
  });

  // A delayed attempt may arrive after the answered one: it must not create what the caller was told cannot be created.
  it.each([
    ['because somebody else was first', () => problem('ticket-reserved', 'Somebody was faster.'), 409],
    ['because something does not exist', () => notFound(), 404],
  ])('gets the same refusal again, %s', async (_, error, status) => {
    const app = await replica();
    before = () => {
      throw error();
    };
    const first = await ask(app, { key: 'one' }).expect(status);
    before = () => undefined;
    const second = await ask(app, { key: 'one' }).expect(status);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(things.size).toBe(0);
  });

  it.each([
    ['an unexpected error', () => new Error('a bug'), 500],
    ['an unavailable database', () => problem('unavailable'), 503],
    ['a temporary refusal', () => problem('busy', 'Again.', { retryAfterSeconds: 1 }), 409],
  ])('is carried out when the first attempt ended with %s', async (_, error, status) => {
    const app = await replica();
    before = () => {
      throw error();
    };
    await ask(app, { key: 'one' }).expect(status);
    before = () => undefined;
    await ask(app, { key: 'one' }).expect(201);
    expect(things.size).toBe(1);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(1);
  });

  it('does not use up its key if its body is invalid', async () => {
    const app = await replica();
    await ask(app, { key: 'one', title: 7 }).expect(400);
    await ask(app, { key: 'one' }).expect(201);
  });

  it('finds what was created if the answer was lost after the write', async () => {
    const app = await replica();
    after = crash;
    await ask(app, { key: 'one' }).expect(500);
    after = () => undefined;
    const { body } = await ask(app, { key: 'one' }).expect(201);
    expect([...things.values()]).toEqual([body]);
  });

  it('is refused while an earlier attempt is running in any replica, and takes over when that one has died', async () => {
    const dead = new Promise(() => undefined);
    before = () => dead;
    const lost = ask(await replica(), { key: 'one' }).timeout(1_000);
    const given = lost.then(
      () => 'answered',
      () => 'given up',
    );
    const app = await replica();
    while (attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    clock += 4_000;
    const { body, headers } = await ask(app, { key: 'one' }).expect(409);
    expect([body.code, headers['retry-after']]).toEqual(['idempotency-key-in-use', '1']);
    expect(await given).toBe('given up');
    before = () => undefined;
    clock += 1_000;
    const made = await ask(app, { key: 'one' }).expect(201);
    expect([...things.values()]).toEqual([made.body]);
    expect(attempts.map(({ isRepeat }) => isRepeat)).toEqual([false, true]);
  });

  it('creates one thing if the first attempt was only slow', async () => {
    const gate = Promise.withResolvers<void>();
    before = () => gate.promise;
    const slow = ask(await replica(), { key: 'one' }).then((answer) => answer);
    while (attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    before = () => undefined;
    clock += 5_000;
    const app = await replica();
    const made = await ask(app, { key: 'one' }).expect(201);
    gate.resolve();
    expect((await slow).body.code).toBe('idempotency-key-in-use');
    expect((await ask(app, { key: 'one' }).expect(201)).body).toEqual(made.body);
    expect([...things.values()]).toEqual([made.body]);
  });

  it('has no effect if it finishes after a later attempt was refused', async () => {
    const gate = Promise.withResolvers<void>();
    before = () => gate.promise;
    const slow = ask(await replica(), { key: 'one' }).then((answer) => answer);
    while (attempts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    before = () => {
      throw problem('ticket-withdrawn', 'It is not on sale any more.');
    };
    clock += 5_000;
    const app = await replica();
    const refused = await ask(app, { key: 'one' }).expect(409);
    expect(refused.body.code).toBe('ticket-withdrawn');
    gate.resolve();
    expect((await slow).body.code).toBe('idempotency-key-in-use');
    expect((await ask(app, { key: 'one' }).expect(409)).body).toEqual(refused.body);
    expect(things.size).toBe(0);
  });

  it('is carried out once when fifty attempts arrive at the same time', async () => {
    const apps = [await replica(), await replica()];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(apps[at % 2] as App, { key: 'one' })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(201)).toBe(true);
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    expect(things.size).toBe(1);
  });

  it.each(['', 'x'.repeat(256), 'two words', 'é'])('is refused when the key is %j', async (key) => {
    const { body } = await ask(await replica(), { key: Buffer.from(key).toString('latin1') }).expect(400);
    expect(body.errors).toEqual([{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible characters' }]);
  });

  it('is forgotten after a day', async () => {
    await ask(await replica(), { key: 'one' }).expect(201);
    const keys = database.connection.collection('idempotency-keys');
    expect(await keys.findOne({})).toMatchObject({ startedAt: new Date(clock) });
    expect(await keys.indexes()).toContainEqual(
      expect.objectContaining({ key: { startedAt: 1 }, expireAfterSeconds: 86_400 }),
    );
  });
});
