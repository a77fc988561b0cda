import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { databaseUrl } from '@box-office/local/service-env';
import { execa } from 'execa';
import { type Document, type IndexDescriptionInfo, MongoClient } from 'mongodb';

/** A saved database. */
export interface Saved {
  /** Replaces the current contents. The database must not be in use. */
  bringBack(): Promise<void>;
}

export interface Saver {
  /** The tool used, so that a report says what was tested. */
  readonly how: string;
  save(database: string): Promise<Saved>;
}

/**
 * Uses MongoDB's own tools if they are on PATH, as an operator would; otherwise the driver, copying every document and
 * index in memory.
 */
export async function findSaver(server: string, dir: string, env: NodeJS.ProcessEnv = process.env): Promise<Saver> {
  const [dump, restore] = await Promise.all([
    whereIs('mongodump', env.PATH ?? ''),
    whereIs('mongorestore', env.PATH ?? ''),
  ]);
  return dump && restore ? byTools(dump, restore, server, dir) : byDriver(server);
}

function byTools(dump: string, restore: string, server: string, dir: string): Saver {
  let saved = 0;
  return {
    how: 'mongodump and mongorestore',
    async save(database) {
      await mkdir(dir, { recursive: true });
      const archive = `--archive=${join(dir, `${database}-${++saved}.gz`)}`;
      await execa(dump, ['--quiet', `--uri=${databaseUrl(server, database)}`, archive, '--gzip']);
      return {
        async bringBack() {
          // Otherwise a collection that did not exist yet would stay.
          await withClient(server, (client) => client.db(database).dropDatabase());
          await execa(restore, ['--quiet', `--uri=${server}`, `--nsInclude=${database}.*`, archive, '--gzip']);
        },
      };
    },
  };
}

interface SavedCollection {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly indexes: readonly IndexDescriptionInfo[];
}

function byDriver(server: string): Saver {
  return {
    how: 'the driver, for mongodump and mongorestore are not on PATH',
    async save(database) {
      const collections = await withClient(server, async (client): Promise<SavedCollection[]> => {
        const found = await client.db(database).collections();
        return Promise.all(
          found.map(async (it) => ({
            name: it.collectionName,
            // Keeps the types of numbers.
            documents: await it.find({}, { promoteValues: false }).toArray(),
            indexes: await it.indexes(),
          })),
        );
      });
      return { bringBack: () => withClient(server, (client) => putBack(client, database, collections)) };
    },
  };
}

async function putBack(client: MongoClient, database: string, collections: readonly SavedCollection[]): Promise<void> {
  const db = client.db(database);
  await db.dropDatabase();
  for (const { name, documents, indexes } of collections) {
    const own = indexes.filter((it) => it.name !== '_id_').map(({ v: _, ...index }) => index);
    if (own.length > 0) await db.collection(name).createIndexes(own);
    if (documents.length > 0) await db.collection(name).insertMany([...documents]);
  }
}

async function withClient<Result>(server: string, use: (client: MongoClient) => Promise<Result>): Promise<Result> {
  const client = new MongoClient(server);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
