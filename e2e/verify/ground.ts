import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fetch } from '@box-office/ops/cluster/complete';
import { remoteText, Unreachable } from '@box-office/ops/cluster/remote';
import { copyManifests } from './tree.ts';

/** What verifying needs. */
export interface Ground {
  /** Where kube-apiserver, etcd and kubectl are. */
  readonly assets: string;
  readonly fetchText: Fetch;
}

/** The programs it needs, as Kubernetes' own test tools expect them in KUBEBUILDER_ASSETS. */
const programs = ['etcd', 'kube-apiserver', 'kubectl'] as const;

/**
 * What verifying needs, or a sentence that says what is missing and what helps.
 *
 * @throws when the manifests themselves cannot be read: that is no reason to skip them
 */
export async function findGround(root: string, assets: string | undefined): Promise<Ground | string> {
  const help = 'go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use -p env';
  if (!assets) return `KUBEBUILDER_ASSETS is not set. What helps: ${help}`;
  const missing: string[] = [];
  for (const program of programs) await access(join(assets, program)).catch(() => missing.push(program));
  if (missing.length > 0) return `${assets} has no ${missing.join(', no ')}. What helps: ${help}`;

  const fetchText = (url: string) => remoteText(url, join(root, '.local/remote'));
  const dir = await mkdtemp(join(tmpdir(), 'box-office-manifests-'));
  try {
    await copyManifests(root, dir, fetchText);
    return { assets, fetchText };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return `${error.message}. What helps: a network, or Go with a module proxy`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
