import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { notThere } from '../refused.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

const beingBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>Console</title><p>The console’s pages are being built. This takes a few seconds.</p></html>`;

const labGuide = join(import.meta.dirname, '../../../docs/lab.md');

/** What the failure lab teaches, as it is written. */
export async function serveLabGuide(response: ServerResponse): Promise<void> {
  const text = await readFile(labGuide).catch(() => {
    throw notThere('There is no guide here.');
  });
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' }).end(text);
}

/**
 * The built pages, in a folder that may not be known yet. A path without a file is one of the page's own, which gets
 * `index.html`.
 */
export async function servePage(folder: string | undefined, path: string, response: ServerResponse): Promise<void> {
  if (folder === undefined) {
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(beingBuilt);
    return;
  }
  const file = normalize(join(folder, path));
  if (!file.startsWith(folder + sep) && file !== folder) throw notThere('There is no such file.');
  const type = types[extname(file)];
  const found = type ? await readFile(file).catch(() => undefined) : undefined;
  if (!found && path.startsWith('/assets/')) throw notThere('There is no such file.');
  response.writeHead(200, {
    'content-type': found && type ? type : 'text/html; charset=utf-8',
    // The name of a file in there changes with its content.
    'cache-control': found && path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(found ?? (await readFile(join(folder, 'index.html'))));
}
