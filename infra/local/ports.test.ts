import { createServer } from 'node:net';
import { execa } from 'execa';
import { claimedShare, freePort } from './ports.ts';

it('gives no port twice in a row, and none from the ephemeral range', async () => {
  const ports = [];
  for (let count = 0; count < 40; count++) ports.push(await freePort());
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(10_240);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it('gives no port that is taken', async () => {
  const next = (await freePort()) + 1;
  await using taken = createServer();
  await new Promise<void>((resolve) => taken.listen(next, '127.0.0.1', resolve));
  expect(await freePort()).not.toBe(next);
});

it('is of a share that no other living process has', async () => {
  const ports = new URL('ports.ts', import.meta.url).href;
  const share = claimedShare(7);
  expect(claimedShare(share)).toBe(share);
  const claim = `const { claimedShare } = await import('${ports}'); console.log(claimedShare(${share}))`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', claim]);
  expect(Number(stdout)).toBeGreaterThan(-1);
  expect(Number(stdout)).not.toBe(share);
});
