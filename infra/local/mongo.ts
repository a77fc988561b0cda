import { readdir } from 'node:fs/promises';
import type { Way } from './find.ts';

type Family = 'mongod' | 'SecantusDB';

/**
 * Leaves out a way to a server that cannot read what is in `dir`. Both keep WiredTiger files there, each in a form of
 * its own, so started on the other's it would show an empty shop.
 */
export const ableToRead =
  (dir: string | undefined, family: Family) =>
  ({ what, look }: Way): Way => ({
    what,
    async look() {
      const writer = dir && (await writerOf(dir));
      return !writer || writer === family ? look() : { missing: `cannot read ${dir}, which ${writer} wrote` };
    },
  });

async function writerOf(dir: string): Promise<Family | undefined> {
  const files: string[] = await readdir(dir).catch(() => []);
  if (files.some((file) => file.startsWith('secantus_'))) return 'SecantusDB';
  return files.includes('_mdb_catalog.wt') ? 'mongod' : undefined;
}

export function mongoArgs(program: string, dir: string, port: number): string[] {
  const listening = ['--port', `${port}`, program === 'mongod' ? '--bind_ip' : '--host', '127.0.0.1'];
  if (program === 'mongod') return [...listening, '--dbpath', dir, '--wiredTigerCacheSizeGB', '0.25', '--quiet'];
  // Without --sync-on-commit, SecantusDB lost 2 % of its acknowledged writes when it was killed. Standalone, like
  // mongod here, it keeps neither an oplog nor a record of retryable writes, which took half of its time.
  const durable = ['--standalone', '--sync-on-commit', '--cache-size', '256M', '--log-level', 'WARNING'];
  return [...listening, '--storage-path', dir, ...durable];
}
