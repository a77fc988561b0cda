import { rm } from 'node:fs/promises';
import { testEngines } from '@box-office/common/testing/engines';

export default async function tearDown(): Promise<void> {
  await globalThis.stopTestEngines?.();
  await rm(testEngines().dir, { recursive: true, force: true });
}
