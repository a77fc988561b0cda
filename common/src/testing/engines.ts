import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { type Bus, connectBus } from '../messaging/bus.ts';
import { connectStore } from '../store/mongo.ts';
import { eventually } from './eventually.ts';

/** The engines of a test run, which the global set-up passes through the environment. */
export interface TestEngines {
  readonly dir: string;
  readonly natsUrl: string;
  readonly mongoUrl: string;
  readonly accounts: number;
}

export function testEngines(): TestEngines {
  return JSON.parse(process.env.TEST_ENGINES ?? '');
}

/**
 * A separate JetStream: a NATS account that no other test file uses, so that streams have their real names and test
 * files can run in parallel. The address also works as the NATS_URL of a service process.
 */
export async function testBusUrl(): Promise<string> {
  const { dir, natsUrl, accounts } = testEngines();
  await mkdir(join(dir, 'accounts'), { recursive: true });
  for (let number = 0; number < accounts; number++) {
    try {
      await mkdir(join(dir, 'accounts', `${number}`));
      const url = new URL(natsUrl);
      url.username = `t${number}`;
      url.password = `t${number}`;
      return url.href.replace(/\/$/, '');
    } catch (error) {
      if (!(typeof error === 'object' && error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  throw new Error(`all ${accounts} test accounts of NATS are taken: raise the number in global-setup.ts`);
}

/** Connected to a JetStream of its own, with all rights, and with streams that can lose messages. */
export async function testBus(): Promise<Bus> {
  return losing(await connectTestBus(await testBusUrl()));
}

/** Tries again while the engine is too busy to answer within 2 s, as the processes do. */
export const connectTestBus = (url: string): Promise<Bus> => eventually(() => connectBus(url, 'test'));

/** The streams that this bus makes from now on allow messages to be removed, so that a test can lose some. */
export function losing(bus: Bus): Bus {
  const { streams } = bus.jsm;
  const [add, update, remove] = [streams.add.bind(streams), streams.update.bind(streams), streams.delete.bind(streams)];
  const open = { deny_delete: false, deny_purge: false };
  streams.add = (config) => add({ ...config, ...open });
  streams.update = (name, config) => update(name, { ...config, ...open });
  streams.delete = async (name) => {
    if (name === staying) return false;
    await add({ name: staying, subjects: [staying] });
    return remove(name);
  };
  return bus;
}

/**
 * Stays when a test deletes its account's last stream. The server would otherwise remove the account's directory after
 * it has answered, and a stream that is created meanwhile fails: "error creating store for stream". A platform never
 * has so few streams.
 */
const staying = 'staying';

/** The address of a separate database, with few connections: SecantusDB slows down the more of them contend. */
export function testDatabaseUrl(): string {
  return new URL(`/test-${randomUUID()}?maxPoolSize=4`, testEngines().mongoUrl).href;
}

export interface TestDatabase {
  readonly connection: Connection;
  readonly url: string;
  /** Drops the database and closes the connection. */
  drop(): Promise<void>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const url = testDatabaseUrl();
  const connection = await eventually(() => connectStore(url, 'test'));
  return {
    connection,
    url,
    async drop() {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
