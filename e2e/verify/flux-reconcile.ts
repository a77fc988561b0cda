import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { readEnvFile } from '@box-office/ops/cluster/secrets';
import { add, makePreviewSecrets, previewsFolder, remove } from '@box-office/ops/flux/preview';
import { writeLayer } from '@box-office/ops/flux/preview-layer';
import { decrypt, keyFile, keySecret, type Vault } from '@box-office/ops/flux/sops';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { type ApiServer, startApiServer } from './api-server.ts';
import { everythingRuns, type Rest, restOf } from './cluster-standin.ts';
import { build } from './tree.ts';

/** A step of the scenario and its faults; none when it passed. */
type Seen = (check: string, faults: readonly string[]) => void;

export interface Reconciling {
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
  readonly seen: Seen;
}

const readyWithinMs = 90_000;
const lookEveryMs = 250;

/**
 * Lets the real kustomize-controller build a dev cluster from nothing, from archives as source-controller serves them;
 * then removes something, breaks something, repairs it, and opens and closes a pull request.
 */
export async function reconcileDev({ assets, controller, vault, kinds, scratch, seen }: Reconciling): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const server = await startApiServer(assets, scratch);
  const cluster = await startCluster(server, { assets, controller, kinds, scratch, vault }).catch(async (error) => {
    await server.stop();
    throw error;
  });
  const steps = [comesUp, decrypts, removes, mends, previews];
  try {
    for (const step of steps) {
      const [check, faults] = await step(cluster);
      seen(check, faults.length > 0 ? [...faults, ...cluster.says()] : []);
      // The following steps need it.
      if (faults.length > 0) return;
    }
  } finally {
    await cluster.stop();
    await server.stop();
  }
}

interface Cluster {
  readonly vault: Vault;
  readonly kubectl: string;
  readonly rest: Rest;
  readonly scratch: string;
  /** Namespaces whose workloads are not reported as running yet. */
  readonly held: string[];
  /** Publishes a folder as a source. @returns the revision */
  publish(source: string, folder: string): Promise<string>;
  /** The last output of the controller, for diagnosis. */
  says(): string[];
  stop(): Promise<void>;
}

async function startCluster(
  server: ApiServer,
  { assets, controller: program, kinds, scratch, vault }: Omit<Reconciling, 'seen'>,
): Promise<Cluster> {
  await prepare(server, vault, kinds);
  const rest = restOf(server);
  const archives = await serveArchives();
  const held: string[] = [];
  let over = false;
  const standIn = (async () => {
    while (!over) {
      await archives.offer(rest).catch(() => {});
      await everythingRuns(rest, held).catch(() => {});
      await sleep(lookEveryMs);
    }
  })();
  const stop = async () => {
    over = true;
    await standIn;
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
    held,
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
  await must(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
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
        '--requeue-dependency=1s',
        `--health-addr=127.0.0.1:${port}`,
        `--metrics-addr=127.0.0.1:${metrics}`,
      ],
      env: { PATH: process.env.PATH, HOME: tmp, TMPDIR: tmp, KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system' },
    });
    const url = `http://127.0.0.1:${port}`;
    return { running, url, why: program, isReady: async () => (await fetch(`${url}/readyz`)).ok };
  });
}

/** As source-controller does: an archive over HTTP, described in the status of its GitRepository. */
async function serveArchives() {
  const archives = new Map<string, Buffer>();
  const artifacts = new Map<string, { digest: string; revision: string; url: string; path: string }>();
  const server: Server = createServer((request, response) => {
    const archive = archives.get(request.url ?? '');
    if (archive) response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return {
    async publish(source: string, folder: string): Promise<string> {
      const { stdout } = await execa('tar', ['-C', folder, '-czf', '-', 'infra'], { encoding: 'buffer' });
      const archive = Buffer.from(stdout);
      const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
      const revision = `main@sha1:${createHash('sha1').update(archive).digest('hex')}`;
      const path = `/${source}/${digest.slice(7, 19)}.tar.gz`;
      archives.set(path, archive);
      artifacts.set(source, { digest, revision, url: `${origin}${path}`, path: path.slice(1) });
      return revision;
    },
    async offer(rest: Rest): Promise<void> {
      const list = await rest.get<{ items: Source[] }>(fluxPath('source', 'gitrepositories'));
      for (const { metadata, status } of list?.items ?? []) {
        const artifact = artifacts.get(metadata.name);
        if (!artifact || status?.artifact?.digest === artifact.digest) continue;
        const now = new Date().toISOString();
        await rest.patch(`${fluxPath('source', 'gitrepositories')}/${metadata.name}/status`, {
          status: {
            observedGeneration: metadata.generation,
            artifact: { ...artifact, lastUpdateTime: now },
            conditions: [
              { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored', lastTransitionTime: now },
            ],
          },
        });
      }
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const fluxPath = (group: string, kind: string) => `/apis/${group}.toolkit.fluxcd.io/v1/namespaces/flux-system/${kind}`;

interface Source {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: { readonly artifact?: { readonly digest: string } };
}

interface Applied {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

const kustomizations = async ({ rest }: Cluster): Promise<Applied[]> =>
  (await rest.get<{ items: Applied[] }>(fluxPath('kustomize', 'kustomizations')))?.items ?? [];

const readyOf = (it: Applied | undefined) => it?.status?.conditions?.find(({ type }) => type === 'Ready');
const isReady = (it: Applied) =>
  readyOf(it)?.status === 'True' && it.status?.observedGeneration === it.metadata.generation;
const tells = (it: Applied | undefined) => `${it?.metadata.name}: ${readyOf(it)?.reason} ${readyOf(it)?.message}`;

/** Repeats a check until it finds no faults, or time is up. */
async function settles(look: () => Promise<string[]>): Promise<string[]> {
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    const faults = await look();
    if (faults.length === 0 || Date.now() > deadline) return faults;
    await sleep(lookEveryMs);
  }
}

const named = async (cluster: Cluster, name: string) =>
  (await kustomizations(cluster)).find(({ metadata }) => metadata.name === name);

/** Whether a Kustomization has applied a revision, and all of it is ready. */
const applies = (cluster: Cluster, name: string, revision: string) =>
  settles(async () => {
    const it = await named(cluster, name);
    return it && isReady(it) && it.status?.lastAppliedRevision === revision ? [] : [tells(it)];
  });

type Step = (cluster: Cluster) => Promise<readonly [check: string, faults: string[]]>;

/** An unused kind, to be removed again. */
const plantedKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.planted.box-office' },
  spec: {
    group: 'planted.box-office',
    names: { kind: 'Thing', plural: 'things' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};
const plantedFile = 'infra/k8s-setup/1-crds/planted.yml';

const comesUp: Step = async (cluster) => {
  const check = 'Flux builds the cluster from an archive, each stage once the one before it is ready';
  const { root } = cluster.vault;
  await writeFile(join(root, plantedFile), stringify(plantedKind));
  await edit(join(root, 'infra/k8s-setup/1-crds/kustomization.yaml'), (it) => {
    it.resources = [...(it.resources ?? []), 'planted.yml'];
  });
  cluster.held.push('traefik');
  await publishAll(cluster);

  // The gateway is applied and does not run yet.
  const isTooEarly = async () => (await cluster.rest.get('/api/v1/namespaces/box-office')) !== undefined;
  const early = await settles(async () => {
    const apps = readyOf(await named(cluster, 'apps'));
    const gateway = await cluster.rest.get('/apis/apps/v1/namespaces/traefik/deployments/traefik');
    const isDone = (await isTooEarly()) || (gateway && apps?.reason === 'DependencyNotReady');
    return isDone ? [] : (await kustomizations(cluster)).map(tells);
  });
  if (await isTooEarly()) early.push('the platform is applied before the gateway runs');
  if (early.length > 0) return [check, early];

  cluster.held.length = 0;
  const late = await settles(async () =>
    (await kustomizations(cluster)).filter((it) => it.metadata.name !== 'previews' && !isReady(it)).map(tells),
  );
  return [check, late];
};

/** The branches main and flux/dev, which are the same here. */
async function publishAll(cluster: Cluster): Promise<string> {
  await cluster.publish('apps', cluster.vault.root);
  return cluster.publish('flux-system', cluster.vault.root);
}

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

const decrypts: Step = async (cluster) => {
  const check = 'Flux decrypts what only the cluster can read, and names it by its content';
  const made = readEnvFile(await decrypt(cluster.vault, 'infra/flux/apps/dev/payments.env', 'dev'));
  return [check, await secretFaults(cluster, 'box-office', 'payments', made)];
};

/** Whether a workload gets the encrypted values, in a Secret whose name changes with its content. */
async function secretFaults(
  { rest }: Cluster,
  namespace: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<string[]> {
  const deployment = await rest.get<{
    spec: { template: { spec: { containers: { envFrom: { secretRef?: { name: string } }[] }[] } } };
  }>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const refs = deployment?.spec.template.spec.containers.flatMap(({ envFrom }) => envFrom) ?? [];
  const given = refs.flatMap(({ secretRef }) => secretRef?.name ?? []).find((it) => it.startsWith(`${name}-`));
  if (!given) return [`${namespace}/${name} has no Secret whose name depends on its content`];
  const secret = await rest.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${given}`);
  const differ = Object.entries(settings).filter(
    ([key, value]) => Buffer.from(secret?.data[key] ?? '', 'base64').toString() !== value,
  );
  return differ.map(([key]) => `${key} of ${given} is not the encrypted value`);
}

const removes: Step = async (cluster) => {
  const check = 'Flux removes what is no longer there, and never a kind';
  const budget = '/apis/policy/v1/namespaces/box-office/poddisruptionbudgets/expiration';
  const kind = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plantedKind.metadata.name}`;
  if (!(await cluster.rest.get(budget)) || !(await cluster.rest.get(kind)))
    return [check, ['what should be removed was never there']];
  const { root } = cluster.vault;
  await edit(join(root, 'infra/k8s-setup/1-crds/kustomization.yaml'), (it) => {
    it.resources = (it.resources ?? []).filter((resource) => resource !== 'planted.yml');
  });
  await patchApps(root, 'PodDisruptionBudget', 'expiration', {
    $patch: 'delete',
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'expiration', namespace: 'box-office' },
  });
  const revision = await publishAll(cluster);
  const faults = [
    ...(await applies(cluster, 'crds', revision)),
    ...(await applies(cluster, 'apps', await same(cluster))),
  ];
  if (await cluster.rest.get(budget)) faults.push('a resource that is gone from the archive is still in the cluster');
  if (!(await cluster.rest.get(kind))) faults.push('a kind that is gone from the archive was removed, and all of it');
  return [check, faults];
};

/** The revision of the apps, which have their own source. */
const same = (cluster: Cluster) => cluster.publish('apps', cluster.vault.root);

const mends: Step = async (cluster) => {
  const check = 'Flux reports a bad commit, leaves what runs alone, and recovers after a revert';
  const { root } = cluster.vault;
  const file = join(root, 'infra/flux/apps/dev/kustomization.yaml');
  const good = await readFile(file, 'utf8');
  const before = (await named(cluster, 'apps'))?.status?.lastAppliedRevision;
  await patchApps(root, 'Deployment', 'tickets', [{ op: 'add', path: '/spec/replicas', value: -1 }]);
  const bad = await same(cluster);
  const faults = await settles(async () => {
    const apps = await named(cluster, 'apps');
    const says = readyOf(apps);
    const isSeen = says?.status === 'False' && apps?.status?.lastAttemptedRevision === bad;
    return isSeen && /spec\.replicas/.test(says.message) ? [] : [tells(apps)];
  });
  if ((await named(cluster, 'apps'))?.status?.lastAppliedRevision !== before)
    faults.push('the bad commit counts as applied');
  await writeFile(file, good);
  faults.push(...(await applies(cluster, 'apps', await same(cluster))));
  return [check, faults];
};

const previews: Step = async (cluster) => {
  const check = 'Flux runs a pull request in its own namespace, keeps it out of others, and removes it';
  const { vault, rest, scratch } = cluster;
  const preview = { number: 7, domain: 'localhost' };
  const layer = join(vault.root, '.local/k8s/preview');
  const rendered = join(vault.root, '.local/rendered');
  const branch = join(scratch, 'previews');
  const folder = join(branch, previewsFolder);
  const deployment = '/apis/apps/v1/namespaces/box-office-pr-7/deployments/tickets';
  await writeLayer(vault.root, preview, layer);
  await mkdir(rendered, { recursive: true });
  const manifests = await build(cluster.kubectl, layer);
  await writeFile(join(rendered, 'manifests.yml'), manifests);
  await makePreviewSecrets(vault, '.local/rendered', undefined);
  await mkdir(folder, { recursive: true });

  await add(rendered, preview.number, folder, new Date());
  const faults = await applies(cluster, 'pr-7', await cluster.publish('previews', branch));
  if (faults.length === 0) {
    const made = readEnvFile(await decrypt(vault, '.local/rendered/payments.env', 'previews'));
    faults.push(...(await secretFaults(cluster, 'box-office-pr-7', 'payments', made)));
  }

  const intruder = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'intruder', namespace: 'box-office' } };
  await writeFile(join(rendered, 'manifests.yml'), `${manifests}\n---\n${stringify(intruder)}`);
  await add(rendered, preview.number, folder, new Date());
  await cluster.publish('previews', branch);
  faults.push(
    ...(await settles(async () => {
      const says = readyOf(await named(cluster, 'pr-7'));
      return says?.status === 'False' && says.message.includes('nowhere else') ? [] : [`pr-7: ${says?.message}`];
    })),
  );
  if (await rest.get('/api/v1/namespaces/box-office/configmaps/intruder'))
    faults.push('a preview has written to the namespace of the platform');

  await remove(preview.number, folder);
  await cluster.publish('previews', branch);
  faults.push(
    ...(await settles(async () =>
      (await rest.get(deployment)) || (await named(cluster, 'pr-7')) ? ['the preview is removed and still there'] : [],
    )),
  );
  await rm(rendered, { recursive: true, force: true });
  return [check, faults];
};

interface KustomizationFile {
  resources?: string[];
  patches?: object[];
}

async function edit(file: string, change: (kustomization: KustomizationFile) => void): Promise<void> {
  const kustomization = parse(await readFile(file, 'utf8')) as KustomizationFile;
  change(kustomization);
  await writeFile(file, stringify(kustomization));
}

const patchApps = (root: string, kind: string, name: string, patch: object) =>
  edit(join(root, 'infra/flux/apps/dev/kustomization.yaml'), (it) => {
    it.patches = [...(it.patches ?? []), { target: { kind, name }, patch: stringify(patch) }];
  });
