import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { remoteText, Unreachable } from '@box-office/ops/cluster/remote';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const own = join(root, 'infra/k8s-setup/2-controllers/cert-manager');

const Kustomization = z.object({
  resources: z.array(z.string()),
  images: z.array(z.object({ name: z.string(), newTag: z.string() })).optional(),
});
const kustomization = async (folder: string) =>
  Kustomization.parse(parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8')));

const crds = (await kustomization(join(root, 'infra/k8s-setup/1-crds'))).resources.filter((it) =>
  it.includes('cert-manager/cert-manager'),
);
const [first = ''] = crds;
const [release = ''] = /^https:\/\/raw\.githubusercontent\.com\/cert-manager\/cert-manager\/v[^/]+\//.exec(first) ?? [];

const upstream = (path: string) => remoteText(`${release}${path}`, join(root, '.local/remote'));
const reached = await upstream('deploy/charts/cert-manager/templates/rbac.yaml').catch((error: unknown) => {
  if (!(error instanceof Unreachable)) throw error;
  console.warn(`SKIPPED  cert-manager is not compared with its release: ${error.message}`);
  return undefined;
});

/** The documents of a Helm template, without Helm's own syntax; inserted values become an x. */
const templates = (text: string): unknown[] =>
  parseAllDocuments(
    text
      // A comment may span several lines.
      .replace(/\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, '')
      .split('\n')
      .filter((line) => !/^\s*\{\{.*\}\}\s*$/.test(line))
      .join('\n')
      .replace(/\{\{.*?\}\}/g, 'x'),
  ).map((document) => document.toJS());

const Role = z.object({
  kind: z.enum(['Role', 'ClusterRole']),
  metadata: z.object({ name: z.string() }),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** All rights as `group/resource verb`, of whichever role. */
const rightsIn = (documents: readonly unknown[]): string[] => [
  ...new Set(
    documents
      .flatMap((it) => Role.safeParse(it).data ?? [])
      // For people.
      .filter(({ metadata }) => !/-(view|edit)$/.test(metadata.name))
      .flatMap(({ rules }) => rules)
      .flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
        ),
      ),
  ),
];

const all = (resource: string, verbs: string) => verbs.split(' ').map((verb) => `${resource} ${verb}`);

interface Part {
  readonly file: string;
  readonly chart: string;
  /** Rights that the release has and ours does not, with the reason. */
  readonly without: readonly string[];
}

const parts: readonly Part[] = [
  {
    file: 'controller-rbac.yml',
    chart: 'rbac.yaml',
    without: [
      // Challenges by HTTP.
      ...all('/pods', 'create delete'),
      ...all('/services', 'create delete'),
      ...all('networking.k8s.io/ingresses', 'create delete update'),
      ...all('gateway.networking.k8s.io/httproutes', 'get list watch create delete update'),
      ...all('route.openshift.io/routes/custom-host', 'create'),
      // Certificates for an Ingress or a Gateway.
      ...all('cert-manager.io/certificates', 'create delete'),
      ...all('networking.k8s.io/ingresses/finalizers', 'update'),
      ...['gateways', 'listenersets'].flatMap((it) => all(`gateway.networking.k8s.io/${it}`, 'get list watch')),
      ...['gateways', 'httproutes', 'listenersets'].flatMap((it) =>
        all(`gateway.networking.k8s.io/${it}/finalizers`, 'update'),
      ),
      // Issuers of a single namespace.
      ...all('cert-manager.io/issuers', 'update patch'),
      ...all('cert-manager.io/issuers/status', 'update patch'),
      ...all('cert-manager.io/issuers/finalizers', 'update'),
      // Kubernetes' own requests for certificates, an experiment that is off.
      ...all('certificates.k8s.io/certificatesigningrequests', 'get list watch update'),
      ...all('certificates.k8s.io/certificatesigningrequests/status', 'update patch'),
      ...all('certificates.k8s.io/signers', 'sign'),
      ...all('authorization.k8s.io/subjectaccessreviews', 'create'),
    ],
  },
  {
    file: 'cainjector-rbac.yml',
    chart: 'cainjector-rbac.yaml',
    without: [
      // It serves only cert-manager's own webhook.
      ...all('cert-manager.io/certificates', 'get list watch'),
      ...all('apiregistration.k8s.io/apiservices', 'get list watch update patch'),
      ...all('apiextensions.k8s.io/customresourcedefinitions', 'get list watch update patch'),
      // A certificate for its metrics, which are off.
      ...all('/secrets', 'create update'),
    ],
  },
  { file: 'webhook-rbac.yml', chart: 'webhook-rbac.yaml', without: [] },
];

it('has the same release everywhere', async () => {
  expect(crds.map((url) => url.startsWith(release))).toEqual(crds.map(() => true));
  const tag = release.split('/').at(-2);
  expect((await kustomization(own)).images?.map(({ newTag }) => newTag)).toEqual([tag, tag, tag]);
});

(reached === undefined ? describe.skip : describe)('compared with its release, cert-manager', () => {
  it.each(parts)('may do what $chart says, and no more', async ({ file, chart, without }) => {
    const theirs = rightsIn(templates(await upstream(`deploy/charts/cert-manager/templates/${chart}`)));
    const documents = parseAllDocuments(await readFile(join(own, file), 'utf8')).map((it) => it.toJS());
    const ours = rightsIn(documents);
    expect(theirs.length).toBeGreaterThan(2);
    expect(theirs.filter((right) => !ours.includes(right)).sort()).toEqual([...without].sort());
    expect(ours.filter((right) => !theirs.includes(right))).toEqual([]);
  });

  // Upstream says that this folder may be incomplete.
  it.each(crds)('has all of %s', async (url) => {
    const name = url.split('/').at(-1) ?? '';
    const [theirs] = templates(await upstream(`deploy/charts/cert-manager/templates/crd-${name}`));
    const ours = parse(await remoteText(url, join(root, '.local/remote')));
    expect(ours.spec).toEqual((theirs as { spec: object }).spec);
  });
});
