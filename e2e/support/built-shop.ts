import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { localDir } from '@box-office/local/engines';
import { tryLock } from '@box-office/local/lock.mjs';
import { execa } from 'execa';

const root = resolve(import.meta.dirname, '../..');
/** What client.Dockerfile brings into the image before it builds the shop. */
const sources = ['package-lock.json', 'tsconfig.json', 'services.ts', 'docs/openapi', 'common', 'client'];
const kept = join(localDir, 'shop');
const unusedMs = 24 * 60 * 60 * 1000;
/** Longer than any build takes. */
const builtWithinMs = 600_000;

/**
 * The folder of the shop as its image runs it, for `startPlatform`. It is built once for all runs with the same
 * sources: a build takes as much processor time as two dozen pages of the development server.
 */
export async function builtShop(): Promise<{ readonly builtIn: string }> {
  const builtIn = join(kept, await digest());
  const lock = await eventually(() => {
    const tried = tryLock(join(localDir, 'shop.lock'));
    if (!tried.taken) throw new Error(`process ${tried.holder.pid} still builds the shop`);
    return tried;
  }, builtWithinMs);
  try {
    if (!(await lastUsed(builtIn))) await build(builtIn);
    const now = new Date();
    await utimes(builtIn, now, now);
    await removeUnused();
  } finally {
    lock.release();
  }
  return { builtIn };
}

async function build(to: string): Promise<void> {
  const folder = '.next/built';
  await execa(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: join(root, 'client'),
    env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NEXT_DIST_DIR: folder, TYPES_ARE_CHECKED: '1' },
    all: true,
  });
  const built = join(root, 'client', folder);
  // Renamed at the end, so that a build that was interrupted is not taken for a whole one.
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(kept, { recursive: true });
  await cp(join(built, 'standalone'), unfinished, { recursive: true, verbatimSymlinks: true });
  await cp(join(built, 'static'), join(unfinished, 'client', folder, 'static'), { recursive: true });
  // Otherwise Node would take the server for an ES module, as our own package.json says of everything below it.
  await writeFile(join(unfinished, 'package.json'), '{ "type": "commonjs" }');
  await rename(unfinished, to);
}

/** Of all that a build reads. */
async function digest(): Promise<string> {
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...sources], {
    cwd: root,
  });
  const files = [...new Set(stdout.split('\n'))].filter((file) => !file.includes('.test.')).sort();
  const sum = createHash('sha256').update(`${root} ${process.version}`);
  for (const file of files) {
    const bytes = await readFile(join(root, file)).catch(() => undefined);
    if (bytes) sum.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return sum.digest('hex').slice(0, 16);
}

async function removeUnused(): Promise<void> {
  for (const name of await readdir(kept)) {
    const used = await lastUsed(join(kept, name));
    if (Date.now() - used > unusedMs) await rm(join(kept, name), { recursive: true, force: true });
  }
}

/** Milliseconds since 1970; 0 if there is no such folder. */
const lastUsed = (folder: string): Promise<number> =>
  stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
