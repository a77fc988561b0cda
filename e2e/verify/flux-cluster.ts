import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { keyFile, keySecret, type Vault } from '@box-office/ops/flux/sops';
import type { ApiServer } from './api-server.ts';
import { everythingRuns, type Rest, restOf } from './cluster-standin.ts';
import { serveArchives } from './flux-archives.ts';

/** The namespace of the gateway: it is applied and does not run, until it is released. */
export const heldBack = 'traefik';

export interface Making {
  readonly assets: string;
  /** The program kustomize-controller. */
  readonly controller: string;
  /**
   * A self-contained copy of the repository with its own keys and secrets; the scenario changes it.
   */
  readonly vault: Vault;
  /** Flux's kinds, as YAML. */
  readonly kinds: string;
  /** For the API server, the controller and the previews. */
  readonly scratch: string;
}

export interface Cluster {
  readonly vault: Vault;
  readonly kubectl: string;
  readonly rest: Rest;
  readonly scratch: string;
  /** Lets the workloads run that were held back (see `heldBack`). */
  release(): Promise<void>;
  /** Publishes a folder as a source. @returns the revision */
  publish(source: string, folder: string): Promise<string>;
  /** The last output of the controller, for diagnosis. */
  says(): string[];
  stop(): Promise<void>;
}

export async function startCluster(
  server: ApiServer,
  { assets, controller: program, kinds, scratch, vault }: Making,
): Promise<Cluster> {
  await prepare(server, vault, kinds);
  const rest = restOf(server);
  const archives = await serveArchives(server);
  const standIn = everythingRuns(server, [heldBack]);
  const stop = async () => {
    standIn.stop();
    await archives.stop();
  };
  const controller = await startController(program, server.kubeconfig, scratch).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    vault,
    kubectl: join(assets, 'kubectl'),
    rest,
    scratch,
    release: () => standIn.release(),
    publish: (source, folder) => archives.publish(source, folder),
    says: () =>
      controller
        .lastLines()
        .split('\n')
        .filter((line) => line.includes('"level":"error"'))
        .slice(-3),
    async stop() {
      await controller.stop();
      await stop();
    },
  };
}

/** What `flux bootstrap` and a person do by hand. */
async function prepare(server: ApiServer, { root }: Vault, kinds: string): Promise<void> {
  const must = async (args: readonly string[], input?: string) => {
    const { ok, stderr } = await server.kubectl(args, input);
    if (!ok) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  };
  await must(['create', 'namespace', 'flux-system']);
  for (const audience of ['dev', 'previews'] as const) {
    const file = `--from-file=age.agekey=${keyFile(root, audience)}`;
    await must(['create', 'secret', 'generic', keySecret(audience), '--namespace=flux-system', file]);
  }
  await must(['apply', '--server-side', '-f', '-'], kinds);
  await must(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all']);
  await must(['apply', '--server-side', '-f', join(root, 'infra/flux/clusters/dev/flux-system/gotk-sync.yaml')]);
}

async function startController(program: string, kubeconfig: string, scratch: string): Promise<Engine> {
  const tmp = join(scratch, 'controller');
  await mkdir(tmp, { recursive: true });
  const metrics = await freePort();
  return startOnPort('kustomize-controller', undefined, async (port) => {
    const running = startGuarded({
      name: 'kustomize-controller',
      program,
      args: [
        '--watch-all-namespaces=true',
        '--no-cross-namespace-refs=true',
        // Otherwise it retries only after half a minute.
        '--requeue-dependency=250ms',
        `--health-addr=127.0.0.1:${port}`,
        `--metrics-addr=127.0.0.1:${metrics}`,
      ],
      env: { PATH: process.env.PATH, HOME: tmp, TMPDIR: tmp, KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system' },
    });
    const url = `http://127.0.0.1:${port}`;
    return { running, url, why: program, isReady: async () => (await fetch(`${url}/readyz`)).ok };
  });
}
