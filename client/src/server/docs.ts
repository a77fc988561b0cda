import 'server-only';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceNames } from '../../../services.ts';

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
};

// Next.js serves from the folder of the client; what it installs and generates lies in the repository's.
const repositoryRoot = join(/* turbopackIgnore: true */ process.cwd(), '..');

/** A file of Swagger UI; undefined for every name but the few that the page uses. */
export async function asset(name: string): Promise<Response | undefined> {
  const type = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (!type) return undefined;
  const content = await contentOf(join(repositoryRoot, 'node_modules/swagger-ui-dist', name));
  if (!content) return undefined;
  return new Response(content, { headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=3600' } });
}

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
