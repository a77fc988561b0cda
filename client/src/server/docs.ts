import 'server-only';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceNames } from '../../../services.ts';

// Next.js serves from the folder of the client; what is generated lies in the repository's.
const repositoryRoot = join(/* turbopackIgnore: true */ process.cwd(), '..');

/** What a service says about its API; undefined where it says nothing. */
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
