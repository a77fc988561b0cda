import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Copies the files of a server that has to be down meanwhile. The result puts the copy in their place, as they were.
 */
export async function copyOf(
  files: string,
  whileDown: (change: () => Promise<void>) => Promise<void>,
): Promise<() => Promise<void>> {
  const copy = await mkdtemp(join(tmpdir(), 'box-office-copy-'));
  await whileDown(() => cp(files, copy, { recursive: true }));
  return () =>
    whileDown(async () => {
      await rm(files, { recursive: true });
      await cp(copy, files, { recursive: true });
      await rm(copy, { recursive: true });
    });
}
