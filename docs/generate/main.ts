import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { contractsOf } from './contracts.ts';
import { currentVersion, documents, json, releasedContracts, root } from './documents.ts';

const { release } = commandLine({
  name: 'npm run docs',
  does: 'writes anew what is generated: documents, and the users of NATS in the cluster',
  options: { release: { does: 'records the contracts as released: from then on they may grow and not shrink' } },
}).values;

for (const [path, text] of await documents()) await write(join(root, path), text);
if (release) {
  await write(releasedContracts, json(contractsOf(await currentVersion())));
  // People read it in reviews, so it has the form that all our files have.
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'format', '--write', releasedContracts], { stdio: 'ignore' });
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  process.stdout.write(`${path.slice(root.length + 1)}\n`);
}
