import mongoose from 'mongoose';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { ServiceParts } from '../announcing-service.ts';
import type { Identity } from '../http/identity.ts';
import type { Bus } from '../messaging/bus.ts';
import { notSignedIn } from '../problem.ts';
import { testBus, testDatabase } from './engines.ts';

/**
 * In service tests, `Authorization: Bearer <name>` is that person; `Bearer <name>;also=<guest>;limit=<address>` has
 * proved the address of a guest. Auth's tests and the journeys cover real identities.
 */
const byName: Identity = {
  async verify(authorization) {
    const [, id, also, limit] = authorization?.match(/^Bearer ([^\s;]+)(?:;also=([^\s;]+))?(?:;limit=(\S+))?$/) ?? [];
    if (!id) throw notSignedIn();
    return { id, ...(also && { also: [also] }), ...(limit && { limit }) };
  },
};

export const newId = (): string => new mongoose.Types.ObjectId().toHexString();

/** A clock that a test moves. */
export interface TestClock {
  (): Date;
  forward(ms: number): void;
}

export function testClock(): TestClock {
  let ahead = 0;
  return Object.assign(() => new Date(Date.now() + ahead), {
    forward(ms: number) {
      ahead += ms;
    },
  });
}

export interface TestParts extends ServiceParts {
  readonly now: TestClock;
  /** The log as JSON lines, for tests that look for an error id. */
  readonly logged: string[];
  /** Drops the database and closes the connections. */
  end(): Promise<void>;
}

/**
 * Everything a service under test needs: its own real database and JetStream. `bus` shares another test's JetStream.
 */
export async function testParts(shared: { bus?: Bus } = {}): Promise<TestParts> {
  const [bus, database] = await Promise.all([shared.bus ?? testBus(), testDatabase()]);
  const logged: string[] = [];
  return {
    bus,
    connection: database.connection,
    identity: byName,
    logger: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    metrics: new Registry(),
    now: testClock(),
    newId,
    stream: { replicas: 1 },
    writesPerMinute: 3_000,
    logged,
    async end() {
      await database.drop();
      if (!shared.bus) await bus.close();
    },
  };
}
