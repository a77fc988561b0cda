import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, KubectlFailed } from './kubectl.ts';
import { workload } from './workload.ts';

/**
 * A file with the certificate of a cluster's own authority, which vouches for NATS and for databases in pods. It is
 * removed when this process ends.
 *
 * @throws KubectlFailed
 */
export async function authorityOf(cluster: Cluster): Promise<string> {
  const tickets = await workload(cluster, 'deployment/tickets');
  const { 'ca.pem': certificate } = await tickets.secretIn('internal-ca');
  if (!certificate) throw new KubectlFailed('The Secret internal-ca has no ca.pem.', '');
  const dir = mkdtempSync(join(tmpdir(), 'box-office-authority-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'ca.pem');
  writeFileSync(file, certificate);
  return file;
}
