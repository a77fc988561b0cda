import { createServer } from 'node:net';
import { freePort } from './ports.ts';

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
