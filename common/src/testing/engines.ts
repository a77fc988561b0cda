import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { type Bus, connectBus } from '../messaging/bus.ts';
import { connectStore } from '../store/mongo.ts';

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

export async function testBus(): Promise<Bus> {
  return connectBus(await testBusUrl(), 'test');
}

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
