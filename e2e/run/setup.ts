import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestEngines } from '@box-office/common/testing/engines';
import { startMongo, startNats } from '@box-office/local/engines';

declare global {
  var stopTestEngines: (() => Promise<void>) | undefined;
}

/** More accounts than test files that use the bus: each takes its own. */
const accounts = 300;

/** Starts one real NATS and one real database for the whole test run. Jest passes the environment to its workers. */
export default async function setUp(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-test-'));
  const [nats, mongo] = await Promise.all([
    startNats({ dir: join(dir, 'nats'), accounts }),
    startMongo({ dir: join(dir, 'mongo') }),
  ]);
  const engines: TestEngines = { dir, natsUrl: nats.url, mongoUrl: mongo.url, accounts };
  process.env.TEST_ENGINES = JSON.stringify(engines);
  globalThis.stopTestEngines = async () => {
    await Promise.all([nats.stop(), mongo.stop()]);
  };
}
