import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Way } from './find.ts';

/** How long it may take to find out that mongod cannot be downloaded. */
const patienceMs = 5_000;

/** A way that takes the mongod which mongodb-memory-server has already, or can download. It is asked once: a refusal is remembered in `dir`. */
export function downloadedMongod(env: NodeJS.ProcessEnv, dir: string, say: (line: string) => void): Way {
  return {
    what: 'the mongod of mongodb-memory-server',
    async look() {
      const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
      const options = await DryMongoBinary.generateOptions();
      const program = 'mongod';
      const there = await DryMongoBinary.locateBinary(options);
      if (there) return { kind: 'program', program, path: there, why: `mongodb-memory-server has ${options.version}` };

      const refusals = join(dir, 'mongod-refused.json');
      const before = await rememberedRefusal(refusals, options.version);
      if (before) return { missing: `${before} (found out earlier; delete ${refusals} to ask again)` };
      const refusal =
        env.MONGOMS_RUNTIME_DOWNLOAD === 'false' ? 'downloads are switched off' : await askForDownload(options);
      if (refusal) {
        await mkdir(dirname(refusals), { recursive: true });
        await writeFile(refusals, JSON.stringify({ version: options.version, refusal }));
        return { missing: refusal };
      }
      try {
        say(`MongoDB: downloading mongod ${options.version}, once`);
        const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
        const path = await MongoBinary.getPath(options);
        return { kind: 'program', program, path, why: `mongodb-memory-server downloaded ${options.version}` };
      } catch (error) {
        return { missing: `the download broke off: ${reasonOf(error)}` };
      }
    },
  };
}

async function rememberedRefusal(path: string, version: string): Promise<string | undefined> {
  try {
    const remembered: { version: string; refusal: string } = JSON.parse(await readFile(path, 'utf8'));
    if (remembered.version === version) return remembered.refusal;
  } catch {
    // nothing remembered
  }
  await rm(path, { force: true });
  return undefined;
}

/** Why mongod cannot be downloaded; undefined when it can. */
async function askForDownload(options: { version: string; os: object }): Promise<string | undefined> {
  try {
    const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
    const url = new MongoBinaryDownloadUrl({
      version: options.version,
      platform: platform(),
      arch: arch(),
      os: { ...options.os, os: platform() },
    });
    const answer = await fetch(await url.getDownloadUrl(), { method: 'HEAD', signal: AbortSignal.timeout(patienceMs) });
    return answer.ok ? undefined : `its download was answered with ${answer.status}`;
  } catch (error) {
    return `it cannot be downloaded: ${reasonOf(error)}`;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
