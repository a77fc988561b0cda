import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, natsOptions } from '@box-office/common/messaging/bus';
import { connectingKeeper, type Keeper } from '@box-office/common/messaging/keeper';
import { consoleName, namesOf, operatorName } from '@box-office/common/messaging/nats-users';
import { newSeed } from '@box-office/common/messaging/nkey';
import { ensureConsumer, ensureDeadLetters, ensureRetries, ensureStream } from '@box-office/common/messaging/topology';
import { createLogger } from '@box-office/common/telemetry/logger';
import { eventually } from '@box-office/common/testing/eventually';
import { startNats } from '@box-office/local/engines';
import { connect, headers } from '@nats-io/transport-node';
import { announcers, onTheBus, services } from '../services.ts';
import {
  api,
  calls,
  callsOfConsole,
  heardBy,
  heardByOthers,
  permittedCalls,
  permittedTo,
  subjectsOfOthers,
} from './support/bus-user.ts';

const natsUsers = [...namesOf(services), consoleName];
const seeds = Object.fromEntries(natsUsers.map((user) => [user, newSeed()]));
const stream = { replicas: 1 };

let dir: string;
let nats: Awaited<ReturnType<typeof startNats>>;
let keeper: Keeper;
let operator: Bus;
const users = new Map<string, Bus>();

const as = (user: string) => connectBus(nats.url, user, { seed: seeds[user] });

function user(name: string): Bus {
  const found = users.get(name);
  if (!found) throw new Error(`${name} is not on the bus`);
  return found;
}

const newKeeper = () =>
  connectingKeeper({
    url: nats.url,
    seed: seeds.keeper ?? '',
    users: services,
    stream,
    logger: createLogger({ name: 'keeper', level: 'silent' }),
  });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-locks-'));
  nats = await startNats({ dir, seeds, env: { ...process.env, NATS_URL: '' } });
  keeper = newKeeper();
  keeper.start();
  operator = await connectBus(nats.url, operatorName, { seed: seeds[operatorName] });
  for (const name of [...onTheBus, 'keeper']) users.set(name, await as(name));
  for (const name of announcers) await eventually(() => ensureStream(user(name), name, stream));
  for (const { name, listensTo } of services.filter((it) => it.listensTo.length > 0)) {
    await ensureDeadLetters(user(name), name, stream);
    await ensureRetries(user(name), name, stream);
    for (const from of listensTo) await ensureConsumer(user(name), from, name, [`${from}.*.created`], stream);
    await ensureConsumer(user(name), 'retries', name, [`retries.${name}.>`], stream);
  }
});

afterAll(async () => {
  await Promise.all([...users.values(), operator].map((it) => it?.connection.close()));
  await keeper?.stop();
  await nats?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe.each(onTheBus)('%s, as a user of NATS', (name) => {
  it('calls of JetStream’s API only what it needs, on its own stream and consumers', async () => {
    expect((await permittedTo(await as(name), calls)).toSorted()).toEqual(permittedCalls(name).toSorted());
  });

  it('announces nothing in the name of another, buries and retries nothing for it, and asks nothing for it', async () => {
    const own = announcers.some((it) => it === name) ? [`${name}.1.created`] : [];
    expect(await permittedTo(await as(name), [...subjectsOfOthers(name), `${name}.1.created`])).toEqual(own);
  });

  it('hears nothing beside its consumers but answers and its own replicas', async () => {
    expect(await heardBy(await as(name), [...heardByOthers(name), `${name}.ended`])).toEqual([`${name}.ended`]);
  });
});

describe('a forged fact', () => {
  const forged = headers();
  forged.set('ce-id', 'forged');
  forged.set('ce-type', 'payment.captured');

  const held = async (from: string) => (await operator.jsm.streams.info(from)).state.last_seq;

  it.each(onTheBus.filter((it) => it !== 'payments'))('of a payment is not taken from %s', async (name) => {
    const before = await held('payments');
    const publishing = user(name).js.publish('payments.1.captured', '{}', { headers: forged, timeout: 500 });
    await expect(publishing).rejects.toThrow();
    expect(await held('payments')).toBe(before);
  });

  it.each(onTheBus.filter((it) => it !== 'tickets'))('of a ticket is not taken from %s', async (name) => {
    const before = await held('tickets');
    await expect(user(name).js.publish('tickets.1.updated', '{}', { timeout: 500 })).rejects.toThrow();
    expect(await held('tickets')).toBe(before);
  });

  it.each(announcers.filter((it) => it !== 'payments'))(
    'that the server is asked to send in its answer to %s reaches nobody as an event',
    async (name) => {
      const bus = user(name);
      const { seq } = await bus.js.publish(`${name}.1.forged`, '{"forged":true}', { headers: forged });
      const answers = [
        [api('DIRECT.GET', name), { seq }],
        [api('STREAM.MSG.GET', name), { seq }],
        [api('STREAM.INFO', name), {}],
        [`keeper.${name}`, { make: 'stream' }],
        [`${name}.2.forged`, {}],
      ] as const;
      const before = await held('payments');
      for (const [subject, body] of answers) {
        bus.connection.publish(subject, JSON.stringify(body), { reply: 'payments.1.captured' });
      }
      await bus.connection.flush();
      await operator.connection.flush();
      for (let at = before + 1; at <= (await held('payments')); at++) {
        const message = await operator.jsm.streams.getMessage('payments', { seq: at });
        expect(message?.header.get('ce-type') ?? '').toBe('');
        expect(message?.header.get('ce-id') ?? '').toBe('');
      }
    },
  );

  it('cannot be the target of a timer', async () => {
    const lines = headers();
    lines.set('Nats-Schedule', `@at ${new Date(Date.now() + 60_000).toISOString()}`);
    lines.set('Nats-Schedule-Target', 'payments.1.captured');
    const publishing = user('expiration').js.publish('expiration.1.timer', '{}', { headers: lines });
    await expect(publishing).rejects.toThrow('target');
  });
});

describe('the keeper', () => {
  it('announces nothing and removes nothing', async () => {
    const subjects = [
      ...announcers.flatMap((it) => [`${it}.1.created`, api('STREAM.DELETE', it), api('STREAM.PURGE', it)]),
      ...announcers.flatMap((it) => [api('STREAM.MSG.GET', it), api('STREAM.MSG.DELETE', it), api('DIRECT.GET', it)]),
      ...announcers.map((it) => api('CONSUMER.DELETE', it, 'orders')),
    ];
    expect(await permittedTo(await as('keeper'), subjects)).toEqual([]);
  });

  it.each([
    [
      'a consumer of a service that it does not listen to',
      'expiration',
      { stream: 'payments', subjects: ['payments.*.captured'] },
    ],
    ['all subjects of a stream', 'payments', { stream: 'orders', subjects: ['orders.>'] }],
    ['subjects of another stream', 'payments', { stream: 'orders', subjects: ['tickets.*.updated'] }],
    ['the retries of another', 'payments', { stream: 'retries', subjects: ['retries.orders.>'] }],
    ['a consumer of the dead letters', 'payments', { stream: 'dead-letters', subjects: ['dead-letters.>'] }],
    [
      'messages delivered to a subject',
      'payments',
      { stream: 'orders', subjects: ['orders.*.created'], deliver_subject: 'x' },
    ],
  ])('refuses %s', async (_, name, consumer) => {
    const request = { make: 'consumer', ackWaitMs: 10_000, ...consumer };
    const answer = await user(name).connection.request(`keeper.${name}`, JSON.stringify(request));
    expect(answer.json()).toHaveProperty('error.message');
  });

  it('makes a lost stream and consumer again when their services ask', async () => {
    await operator.jsm.streams.delete('tickets');
    await ensureStream(user('tickets'), 'tickets', stream);
    await ensureConsumer(user('orders'), 'tickets', 'orders', ['tickets.*.created'], stream);
    const { config } = await operator.jsm.consumers.info('tickets', 'orders');
    expect(config).toMatchObject({ durable_name: 'orders', filter_subjects: ['tickets.*.created'] });
  });

  it('may come a moment after the services', async () => {
    await keeper.stop();
    const making = ensureStream(user('tickets'), 'tickets', stream);
    keeper = newKeeper();
    keeper.start();
    await expect(making).resolves.toBeUndefined();
  });

  it('passes on the error of JetStream, by which a service knows that a stream is missing', async () => {
    await operator.jsm.streams.delete('tickets');
    await expect(
      ensureConsumer(user('orders'), 'tickets', 'orders', ['tickets.*.created'], stream),
    ).rejects.toMatchObject({
      code: 10059,
    });
    await ensureStream(user('tickets'), 'tickets', stream);
  });
});

describe('the console', () => {
  it('looks at everything, acts on dead letters alone, and announces nothing', async () => {
    expect((await permittedTo(await as(consoleName), calls)).toSorted()).toEqual(callsOfConsole.toSorted());
    const others = subjectsOfOthers(consoleName).filter((it) => !it.startsWith('retries.'));
    expect(await permittedTo(await as(consoleName), others)).toEqual([]);
    expect(await heardBy(await as(consoleName), heardByOthers(consoleName))).toEqual([]);
  });
});

describe('nobody else', () => {
  it('is let in: without a name, with an unknown key, or with another’s', async () => {
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/Authorization/);
    await expect(connectBus(nats.url, 'orders', { seed: newSeed() })).rejects.toThrow(/Authorization/);
    await expect(connect({ servers: nats.url, user: 'orders', pass: 'orders', reconnect: false })).rejects.toThrow(
      /Authorization/,
    );
    const { authenticator: _, ...anonymous } = natsOptions(nats.url, 'orders', { seed: seeds.orders });
    await expect(connect({ ...anonymous, reconnect: false })).rejects.toThrow(/Authorization/);
  });
});
