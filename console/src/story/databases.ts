import type { Collection, Document, MongoClient } from 'mongodb';
import { away } from '../refused.ts';

export interface Stored extends Document {
  _id: string;
}

/** The databases of the services, which are read and never written. */
export interface Databases {
  /** @throws Refused 503 when nobody said where it is */
  collection(service: string, name: string): Promise<Collection<Stored>>;
  close(): Promise<void>;
}

export function databases(urls: Readonly<Record<string, string>>): Databases {
  const clients = new Map<string, Promise<MongoClient>>();
  const connect = async (url: string) => {
    // Loaded when the first story is asked for: it takes 10 MB.
    const driver = await import('mongodb');
    return new driver.MongoClient(url, {
      appName: 'console',
      maxPoolSize: 2,
      serverSelectionTimeoutMS: 2_000,
      connectTimeoutMS: 2_000,
      // Two more connections for each database only to see whether it is there.
      heartbeatFrequencyMS: 30_000,
    });
  };
  return {
    async collection(service, name) {
      const url = urls[service];
      if (!url) throw away(`The console was not told where the database of ${service} is.`);
      const client = clients.get(url) ?? connect(url);
      clients.set(url, client);
      return (await client).db().collection<Stored>(name);
    },
    async close() {
      await Promise.all([...clients.values()].map(async (client) => (await client).close()));
    },
  };
}
