import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { shopPort } from './shop-port.ts';

const host = '127.0.0.1';

describe('the port of the shop', () => {
  let dir: string;
  let file: string;
  let usual: number;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shop-port-'));
    file = join(dir, 'local/port');
    usual = await freePort();
  });

  afterEach(() => rm(dir, { recursive: true }));

  it('is the default while that is free', async () => {
    await expect(shopPort(file, host, usual)).resolves.toBe(usual);
    await expect(shopPort(file, host, usual)).resolves.toBe(usual);
  });

  it('is another one when the default is taken, and stays the same afterwards', async () => {
    let other: number;
    {
      await using _taken = await listen(usual);
      other = await shopPort(file, host, usual);
      expect(other).not.toBe(usual);
      await expect(shopPort(file, host, usual)).resolves.toBe(other);
    }
    await expect(shopPort(file, host, usual)).resolves.toBe(other);
  });

  it('is the default again when the remembered one is taken or invalid', async () => {
    const other = await freePort();
    await writeFile(join(dir, 'port'), `${other}\n`);
    await using _taken = await listen(other);
    await expect(shopPort(join(dir, 'port'), host, usual)).resolves.toBe(usual);

    await writeFile(join(dir, 'port'), 'nonsense');
    await expect(shopPort(join(dir, 'port'), host, usual)).resolves.toBe(usual);
  });
});

function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(port, host, () => resolve(server)));
}
