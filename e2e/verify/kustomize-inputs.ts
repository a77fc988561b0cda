import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * A digest of all files that a build of `folder` reads: its kustomization, and every file and folder that it names,
 * with what those name in turn. It depends on no path above `folder`, so copies of a tree have the same digest.
 */
export async function inputsOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  await addFolder(folder, hash, new Set());
  return hash.digest('hex');
}

type Hash = ReturnType<typeof createHash>;

/** A folder without a kustomization adds nothing: it cannot be built either. */
async function addFolder(folder: string, hash: Hash, seen: Set<string>): Promise<void> {
  if (seen.has(folder)) return;
  seen.add(folder);
  const file = (await readdir(folder).catch(() => [])).find((it) => names.includes(it));
  if (file === undefined) return;
  await addFile(join(folder, file), hash);
  const text = await readFile(join(folder, file), 'utf8');
  for (const name of namesIn(parse(text))) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    hash.update(`${name}\n`);
    await (found.isFile() ? addFile(path, hash) : addFolder(path, hash, seen));
  }
}

async function addFile(path: string, hash: Hash): Promise<void> {
  const content = await readFile(path);
  hash.update(`${basename(dirname(path))}/${basename(path)} ${content.length}\n`).update(content);
}

/** Every text in a kustomization that may be a path: a generator's files are written as `key=path`. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') {
    if (value.includes('\n') || value === '') return [];
    const key = value.indexOf('=');
    return key < 0 ? [value] : [value, value.slice(key + 1)].filter((it) => it !== '');
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}
