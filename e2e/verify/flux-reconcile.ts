import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvFile } from '@box-office/ops/cluster/secrets';
import { add, makePreviewSecrets, previewsFolder, remove } from '@box-office/ops/flux/preview';
import { writeLayer } from '@box-office/ops/flux/preview-layer';
import { decrypt } from '@box-office/ops/flux/sops';
import { parse, stringify } from 'yaml';
import { startApiServer } from './api-server.ts';
import { type Cluster, heldBack, type Making, startCluster } from './flux-cluster.ts';
import { applies, isReady, kustomizations, named, readyOf, settles, tells } from './flux-state.ts';
import { build } from './tree.ts';

/** A step of the scenario and its faults; none when it passed. */
type Seen = (check: string, faults: readonly string[]) => void;

export interface Reconciling extends Making {
  readonly seen: Seen;
}

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
  await publishAll(cluster);

  // The gateway is applied and does not run yet.
  const isTooEarly = async () => (await cluster.rest.get('/api/v1/namespaces/box-office')) !== undefined;
  const early = await settles(async () => {
    const apps = readyOf(await named(cluster, 'apps'));
    const gateway = await cluster.rest.get(`/apis/apps/v1/namespaces/${heldBack}/deployments/traefik`);
    const isDone = (await isTooEarly()) || (gateway && apps?.reason === 'DependencyNotReady');
    return isDone ? [] : (await kustomizations(cluster)).map(tells);
  });
  if (await isTooEarly()) early.push('the platform is applied before the gateway runs');
  if (early.length > 0) return [check, early];

  await cluster.release();
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
