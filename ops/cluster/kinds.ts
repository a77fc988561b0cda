import { join, resolve } from 'node:path';
import { completeCopy } from './complete.ts';
import { remoteText, Unreachable } from './remote.ts';

// Prints a self-contained folder with the CRDs of stage 1, for `kubectl apply -k`. They come from GitHub or, where that
// is not reachable, from Go modules.

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '.local/k8s/1-crds');

try {
  await completeCopy(join(root, 'infra/k8s-setup/1-crds'), folder, (url) =>
    remoteText(url, join(root, '.local/remote')),
  );
  process.stdout.write(`${folder}\n`);
} catch (error) {
  if (!(error instanceof Unreachable)) throw error;
  process.stderr.write(`${error.message}. What helps: a network, or Go with a module proxy\n`);
  process.exitCode = 1;
}
