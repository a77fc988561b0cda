import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { connectStore } from '@box-office/common/store/mongo';
import { createLogger } from '@box-office/common/telemetry/logger';
import { startMongo, startNats } from '@box-office/local/engines';
import { ObjectId } from 'mongodb';

export const newId = (): string => new ObjectId().toHexString();
export const now = (): Date => new Date();
export const stream = { replicas: 1 };
/** Silent: logging is not measured here. */
export const logger = createLogger({ name: 'bench', level: 'silent' });

/** Dedicated engines, started as by `npm start`, with this process connected to them. */
export interface Workbench {
  readonly bus: Bus;
  readonly store: Awaited<ReturnType<typeof connectStore>>;
  /** Kills it with -9 and restarts it at the same address. Returns when it was down, in ms since the epoch. */
  crashNats(): Promise<{ from: number; to: number }>;
  end(): Promise<void>;
}

/** `mongoUrl` names a running server to measure instead of the one that `npm start` uses. */
export async function openWorkbench(mongoUrl?: string): Promise<Workbench> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-bench-'));
  const natsDir = join(dir, 'nats');
  // With accounts, and with none of them, it is a server of its own even where NATS_URL names another.
  let nats = await startNats({ dir: natsDir, accounts: 0 });
  const { MONGO_URL: _, ...ours } = process.env;
  const env = mongoUrl === undefined ? ours : { ...ours, MONGO_URL: mongoUrl };
  const mongo = await startMongo({ dir: join(dir, 'mongo'), env });
  const bus = await connectBus(nats.url, 'bench');
  const store = await connectStore(new URL(`/bench-${newId()}`, mongo.url).href, 'bench');
  return {
    bus,
    store,
    async crashNats() {
      const from = Date.now();
      nats.kill('SIGKILL');
      await nats.ended;
      nats = await startNats({ dir: natsDir, accounts: 0, port: Number(new URL(nats.url).port) });
      return { from, to: Date.now() };
    },
    async end() {
      await bus.close();
      await store.dropDatabase();
      await store.close();
      await Promise.all([nats.stop(), mongo.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
