import { setTimeout as sleep } from 'node:timers/promises';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { isTelemetryOn } from '../telemetry/start.ts';
import { traceCommands } from './mongo-spans.ts';

/**
 * Connects to a service's own database. Writes are acknowledged by a majority and journaled, whatever the URL says. The
 * URL's `maxPoolSize` limits the connections; default 100.
 *
 * @throws when no server answers within `withinMs` (by default 2 s, which is for those who try again), so that the
 *   caller can log what it is waiting for and retry
 */
export async function connectStore(url: string, name: string, withinMs = 2_000): Promise<Connection> {
  const connection = mongoose.createConnection(url, {
    appName: name,
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: withinMs,
    // A database that hangs without closing its connections is also detected within seconds.
    connectTimeoutMS: 3_000,
    heartbeatFrequencyMS: 3_000,
    // A request that needs an unavailable database fails instead of hanging.
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    monitorCommands: isTelemetryOn(),
  });
  try {
    await connection.asPromise();
    if (isTelemetryOn()) traceCommands(connection.getClient());
    return connection;
  } catch (error) {
    await connection.destroy();
    throw error;
  }
}

/** A collection of the driver. The connection must have been up once; it may be down now. */
export function collectionOf<Stored extends mongo.Document>(
  connection: Connection,
  name: string,
): mongo.Collection<Stored> {
  if (!connection.db) throw new Error('connect first: see connectStore');
  return connection.db.collection<Stored>(name);
}

/** MongoDB's MaxTimeMSExpired. */
const tookTooLong = 50;

/** Whether an error means that the database was unavailable or too slow, and says nothing about the operation. */
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

/** Resolves once the connection is up. Rejects if the signal fires first. */
export async function storeReady(connection: Connection, signal: AbortSignal): Promise<void> {
  while (connection.readyState !== mongoose.ConnectionStates.connected) {
    await sleep(100, undefined, { signal });
  }
}
