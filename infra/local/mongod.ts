import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { Way } from './find.ts';

/** How long it may take to find out that mongod cannot be downloaded. */
const patienceMs = 5_000;

/** Where a mongod may come from. */
export interface MongodSource {
  /** A mongod that is already on this machine. */
  readonly there: () => Promise<string | undefined>;
  /** Why it cannot be downloaded; undefined when it can. */
  readonly refusal: () => Promise<string | undefined>;
  readonly download: () => Promise<string>;
}

/**
 * A way that takes the mongod of mongodb-memory-server, downloading it if possible. It tries once: a failure is
 * remembered in `dir`.
 */
export function downloadedMongod(
  dir: string,
  print: (line: string) => void,
  source: MongodSource = mongodbMemoryServer,
): Way {
  const program = 'mongod';
  return {
    what: 'the mongod of mongodb-memory-server',
    async look() {
      const there = await source.there();
      if (there) return { kind: 'program', program, path: there, why: `mongod of mongodb-memory-server, ${there}` };

      const remembered = join(dir, 'mongod-refused');
      const before = await readFile(remembered, 'utf8').catch(() => undefined);
      if (before) return { missing: `${before}, as was found out earlier` };
      const refusal = await source.refusal();
      if (refusal) {
        await mkdir(dir, { recursive: true });
        await writeFile(remembered, refusal);
        return { missing: refusal };
      }
      try {
        print('MongoDB: downloading mongod, once (some 100 MB)');
        const path = await source.download();
        return { kind: 'program', program, path, why: `mongod that mongodb-memory-server downloaded, ${path}` };
      } catch (error) {
        return { missing: `its download broke off: ${reasonOf(error)}` };
      }
    },
  };
}

const mongodbMemoryServer: MongodSource = {
  async there() {
    const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
    return DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions());
  },
  async refusal() {
    try {
      const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
      const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
      const { version, os } = await DryMongoBinary.generateOptions();
      const url = new MongoBinaryDownloadUrl({ version, platform: platform(), arch: arch(), os });
      const signal = AbortSignal.timeout(patienceMs);
      const answer = await fetch(await url.getDownloadUrl(), { method: 'HEAD', signal });
      return answer.ok ? undefined : `its download was answered with ${answer.status}`;
    } catch (error) {
      return `it cannot be downloaded (${reasonOf(error)})`;
    }
  },
  async download() {
    const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
    return MongoBinary.getPath();
  },
};

function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  return Error.isError(error.cause) ? error.cause.message : error.message;
}
