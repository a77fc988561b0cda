import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freePort, isFree } from './ports.ts';

/** The default. */
export const usualPort = 8080;

/**
 * A free port for the shop: that of the last time, else the default, else any other.
 *
 * It is remembered in `file`, so that the address stays the same between starts: bookmarks and the name of the session
 * cookie contain it.
 */
export async function shopPort(file: string, host: string, usual = usualPort): Promise<number> {
  const last = Number(await readFile(file, 'utf8').catch(() => ''));
  const port = await firstFree([last, usual].filter(isPort), host);
  if (port !== last) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${port}\n`);
  }
  return port;
}

async function firstFree(ports: readonly number[], host: string): Promise<number> {
  for (const port of ports) if (await isFree(port, host)) return port;
  return freePort();
}

const isPort = (number: number): boolean => Number.isInteger(number) && number > 0 && number <= 65_535;
