import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The folder of the built pages; undefined until they are built. Building takes seconds, in a process of its own. */
export function pagesFolder(built: string | undefined, failed: (error: unknown) => void): () => string | undefined {
  let folder = built;
  if (folder === undefined) {
    const script = join(import.meta.dirname, '../pages/build.ts');
    // The shop, which starts at the same time, comes first.
    promisify(execFile)('nice', [process.execPath, script])
      .then(({ stdout }) => {
        folder = stdout.trim().split('\n').at(-1);
      })
      .catch(failed);
  }
  return () => folder;
}
