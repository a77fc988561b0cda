import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { apis, gateway } from './apis.ts';
import { asyncapi } from './asyncapi.ts';
import { eventsPage } from './events-page.ts';
import { openapi } from './openapi.ts';

export const root = resolve(import.meta.dirname, '../..');
export const releasedContracts = join(root, 'docs/contracts.json');

/** Every generated document by its path from the root, as it should be. */
export async function documents(): Promise<Map<string, string>> {
  const version = await currentVersion();
  return new Map([
    ['docs/events.md', eventsPage()],
    ['docs/asyncapi.json', json(asyncapi(version))],
    ...apis.map((api): [string, string] => [`docs/openapi/${api.name}.json`, json(openapi(api, gateway, version))]),
  ]);
}

export async function currentVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
