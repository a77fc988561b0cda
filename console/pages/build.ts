import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';

/*
 * Builds the pages, unless these sources were built before, and prints the folder as the last line of its output. It is
 * a process of its own: the bundler needs four times the memory of the console.
 */

const pages = import.meta.dirname;
const root = resolve(pages, '../..');
const kept = join(root, '.local/console/pages');
const unusedMs = 24 * 60 * 60 * 1000;

const folder = join(kept, await digest());
if (!(await lastUsed(folder))) {
  // Renamed at the end, so that a build that was interrupted is not taken for a whole one.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(kept, { recursive: true });
  await build({
    configFile: join(pages, 'vite.config.ts'),
    build: { outDir: unfinished },
    logLevel: 'error',
  });
  await rename(unfinished, folder).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    // Another process may have built the same meanwhile.
    if (!(await lastUsed(folder))) throw error;
  });
}
const now = new Date();
await utimes(folder, now, now);
await removeUnused();
process.stdout.write(`${folder}\n`);

/** Of all that a build reads: the pages, and the versions of the packages. */
async function digest(): Promise<string> {
  const entries = await readdir(pages, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  const sum = createHash('sha256');
  for (const file of [join(root, 'package-lock.json'), ...files.sort()])
    sum.update(`${file.slice(root.length)}\n`).update(await readFile(file));
  return sum.digest('hex').slice(0, 16);
}

async function removeUnused(): Promise<void> {
  for (const name of await readdir(kept)) {
    const used = await lastUsed(join(kept, name));
    if (Date.now() - used > unusedMs) await rm(join(kept, name), { recursive: true, force: true });
  }
}

/** Milliseconds since 1970; 0 if there is no such folder. */
async function lastUsed(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
