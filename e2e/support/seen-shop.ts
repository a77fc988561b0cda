import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logFiles } from '@box-office/local/log-files';
import { freePort } from '@box-office/local/ports';
import { openShop, type Shop } from './shop.ts';

/** A platform with its console. */
export interface SeenShop {
  readonly shop: Shop;
  /** The console's address. */
  readonly url: string;
  end(): Promise<void>;
}

/** Opens a shop with a console, which has no pages. */
export async function openSeenShop(): Promise<SeenShop> {
  const dir = await mkdtemp(join(tmpdir(), 'console-'));
  const pages = join(dir, 'pages');
  await mkdir(pages);
  await writeFile(join(pages, 'index.html'), 'the pages');
  const port = await freePort();
  const files = logFiles(join(dir, 'logs'));
  const shop = await openShop({
    client: false,
    console: { port, logsDir: join(dir, 'logs') },
    env: { console: { PAGES_DIR: pages } },
    logs: files.write,
  });
  return {
    shop,
    url: `http://127.0.0.1:${port}`,
    async end() {
      await shop.end();
      files.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
