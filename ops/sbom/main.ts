import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { serviceNames } from '../../services.ts';
import { everything } from './npm.ts';
import { Lock, neededBy, partFor } from './packages.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = commandLine({
  name: 'npm run sbom',
  does: 'lists the packages that each service and the shop need in production, as CycloneDX',
  options: { to: { value: 'FOLDER', default: '.local/sbom', does: 'where to write a file for each' } },
});

const folder = resolve(root, values.to);
await mkdir(folder, { recursive: true });
const lock = Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
const all = await everything(root, process.env);
for (const workspace of [...serviceNames, 'client']) {
  const part = partFor(all, workspace, neededBy(lock, workspace));
  const file = join(folder, `${workspace}.cdx.json`);
  await writeFile(file, `${JSON.stringify(part, null, 2)}\n`);
  process.stdout.write(`${file}: ${part.components.length} packages\n`);
}
