import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { type Bus, connectBus } from '../messaging/bus.ts';
import { connectStore } from '../store/mongo.ts';

/** The engines of a test run, as its global set-up leaves them in the environment. */
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
 * A JetStream of one's own: a NATS account that no other test file uses, so that streams bear their real names and files run side by side.
 * The address can be given to a service process as its NATS_URL.
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

export async function testBus(): Promise<Bus> {
  return connectBus(await testBusUrl(), 'test');
}

/** The address of a database that nobody else uses. With few connections: SecantusDB does less, the more of them wait for each other. */
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
  const connection = await connectStore(url, 'test');
  return {
    connection,
    url,
    async drop() {
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
