import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { files, root } from './files.ts';

for (const [path, text] of files()) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
