import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OrderCompleted } from '@box-office/common/contracts/orders';
import { PersonKnown } from '@box-office/common/contracts/people';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { keepTopology } from '@box-office/common/messaging/keeper';
import { newSeed } from '@box-office/common/messaging/nkey';
import { announce } from '@box-office/common/testing/announce';
import { testBusUrl, testDatabaseUrl } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import pino from 'pino';
import { services } from '../../services.ts';
import { orderOf } from './mail-under-test.ts';
import { smtpServer, type TestServer } from './smtp-under-test.ts';

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
const compiled = join(root, '.local/compiled');
/** A process may have to wait for its turn when the machine is busy. */
const withinMs = 60_000;
const lives: ChildProcess[] = [];
let server: TestServer;
let bus: Bus;

beforeEach(async () => {
  server = await smtpServer();
});

afterEach(async () => {
  for (const child of lives.splice(0)) await kill(child);
  await bus.close();
  await server.close();
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A process of the service as it runs in production. */
function live(env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(node, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { NODE_COMPILE_CACHE: compiled, ...env },
  });
  lives.push(child);
  return child;
}

/** Kills the process that sends mails while the server does `manner` with the first one, and starts another. */
async function killedWhile(manner: 'stall' | 'greylist') {
  const natsUrl = await testBusUrl();
  bus = await connectBus(natsUrl, 'test');
  keepTopology({ bus, users: services, stream: { replicas: 1 }, logger: pino({ level: 'silent' }) });
  const env = {
    ...{
      NATS_URL: natsUrl,
      NATS_SEED: newSeed(),
      MONGO_URL: testDatabaseUrl(),
      SMTP_URL: server.url,
      PUBLIC_ORIGIN: 'https://shop.example',
    },
    ...{ JWKS_URL: 'http://127.0.0.1:1/jwks', PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'error' },
    ...{ MAIL_LEASE_MS: '5000', MAIL_PAUSE_MS: '1000' },
  };
  server.next(manner);
  const first = live(env);
  const id = newId();
  const email = `${id}@example.com`;
  await announce(bus, PersonKnown, { id, version: 0, kind: 'person', email, language: 'en', verified: true });
  const order = orderOf(id, { status: 'complete' });
  await announce(bus, OrderCompleted, order);
  return { first, order, second: () => live(env) };
}

it(
  'sends a mail again when its process dies after the server took it, as the same message',
  async () => {
    const { first, order, second } = await killedWhile('stall');
    await eventually(() => expect(server.received).toHaveLength(1), withinMs);
    await kill(first);
    second();
    await eventually(() => expect(server.received).toHaveLength(2), withinMs);
    expect(server.received.map(({ messageId }) => messageId)).toEqual(Array(2).fill(`<${order.id}.paid@shop.example>`));
  },
  4 * withinMs,
);

it(
  'sends a mail once when its process dies between storing and sending it',
  async () => {
    const { first, order, second } = await killedWhile('greylist');
    await eventually(() => expect(server.mostAtOnce()).toBe(1), withinMs);
    await kill(first);
    second();
    await eventually(() => expect(server.received).toHaveLength(1), withinMs);
    expect(server.received[0]?.messageId).toBe(`<${order.id}.paid@shop.example>`);
  },
  4 * withinMs,
);
