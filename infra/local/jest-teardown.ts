import { rm } from 'node:fs/promises';
import { testEngines } from '../../common/src/testing/engines.ts';

export default async function tearDown(): Promise<void> {
  await globalThis.stopTestEngines?.();
  await rm(testEngines().dir, { recursive: true, force: true });
}
