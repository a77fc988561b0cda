import { createHash } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Fetches the text of a URL that a cluster's files refer to. */
export type Fetch = (url: string) => Promise<string>;

/** Makes `to` a self-contained copy of a folder with a kustomization: remote resources are files there. */
export async function completeCopy(folder: string, to: string, fetchText: Fetch): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(folder, to, { recursive: true });
  await bringHome(join(to, 'kustomization.yaml'), fetchText);
}

/** Replaces each remote resource of a kustomization by a file. */
export async function bringHome(file: string, fetchText: Fetch): Promise<void> {
  const kustomization = parse(await readFile(file, 'utf8')) as { resources?: string[] };
  const remote = (kustomization.resources ?? []).filter((it) => it.startsWith('https://'));
  if (remote.length === 0) return;
  const local = new Map<string, string>();
  for (const url of remote) {
    const name = `${createHash('sha256').update(url).digest('hex').slice(0, 12)}.yml`;
    await writeFile(join(dirname(file), name), await fetchText(url));
    local.set(url, name);
  }
  const resources = kustomization.resources?.map((it) => local.get(it) ?? it);
  await writeFile(file, stringify({ ...kustomization, resources }));
}
