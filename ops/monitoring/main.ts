import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generated } from './generated.ts';

/** Writes the dashboards and the rules for the cluster; a test fails when they are out of date. */
const root = resolve(import.meta.dirname, '../..');
for (const [file, text] of Object.entries(await generated(root))) await writeFile(join(root, file), text);
