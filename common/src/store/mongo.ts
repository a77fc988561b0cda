import { setTimeout as sleep } from 'node:timers/promises';
import mongoose, { type Connection, type mongo } from 'mongoose';

/**
 * Connects to a service's own database. Writes are acknowledged by a majority and journaled before they count, whatever the address says.
 * How many connections it may open the address says (`maxPoolSize`); 100 otherwise.
 *
 * @throws when no server answers within 2 s, so that the caller can say what it waits for and try again
 */
export async function connectStore(url: string, name: string): Promise<Connection> {
  const connection = mongoose.createConnection(url, {
    appName: name,
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: 2_000,
    // A database that hangs without closing its connections is noticed within seconds too.
    connectTimeoutMS: 3_000,
    heartbeatFrequencyMS: 3_000,
    // A request that needs the database while it is away is told so; it does not hang.
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.destroy();
    throw error;
  }
}

/** A collection as the driver has it. The connection must have been up once; it may be away now. */
export function collectionOf<Stored extends mongo.Document>(
  connection: Connection,
  name: string,
): mongo.Collection<Stored> {
  if (!connection.db) throw new Error('connect first: see connectStore');
  return connection.db.collection<Stored>(name);
}

/** MongoDB's MaxTimeMSExpired. */
const tookTooLong = 50;

/** Whether an error says that the database was away or had no time, and nothing about what was asked of it. */
export function isStoreAway(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  return (
    /^(MongoNetwork|MongoServerSelection|MongoNotConnected|MongoPoolCleared|PoolCleared|MongoTopologyClosed|MongoWaitQueueTimeout)/.test(
      error.name,
    ) ||
    (error instanceof mongoose.mongo.MongoError &&
      (error.code === tookTooLong || error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('ResetPool')))
  );
}

/** Resolves once the connection is up; at once when it is. Rejects when the signal fires first. */
export async function storeReady(connection: Connection, signal: AbortSignal): Promise<void> {
  while (connection.readyState !== mongoose.ConnectionStates.connected) {
    await sleep(100, undefined, { signal });
  }
}
