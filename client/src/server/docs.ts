import 'server-only';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceNames } from '../../../services.ts';

// Next.js runs in the client's folder; the generated files are in the repository's docs folder.
const repositoryRoot = join(/* turbopackIgnore: true */ process.cwd(), '..');

/** A service's OpenAPI document; undefined if it has none. */
export async function description(service: string): Promise<string | undefined> {
  if (!serviceNames.some((name) => name === service)) return undefined;
  return contentOf(join(repositoryRoot, 'docs/openapi', `${service}.json`));
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
