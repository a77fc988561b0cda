import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { type Manifest, readManifests } from '@box-office/ops/cluster/manifests';
import { parse, stringify } from 'yaml';
import { serviceNames, storing } from '../../services.ts';
import { edgesOf } from '../verify/edges.ts';
import { build } from '../verify/tree.ts';

const root = join(import.meta.dirname, '../..');
const path = [process.env.KUBEBUILDER_ASSETS, process.env.PATH].filter(Boolean).join(delimiter);
const kubectl = await whereIs('kubectl', path);
if (!kubectl) console.warn('SKIPPED  Who may read the metrics is not looked at: kubectl is not on PATH');

/** Somebody who reads metrics, as the policy means them. */
const prometheus: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'monitoring' } },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'prometheus', namespace: 'monitoring' },
    spec: {
      template: {
        metadata: { labels: { 'app.kubernetes.io/name': 'prometheus' } },
        spec: { containers: [{ name: 'prometheus' }] },
      },
    },
  },
];

let dir: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'box-office-edge-')));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function manifests(overlay: string, components: readonly string[]): Promise<Manifest[]> {
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(dir, join(root, 'infra/k8s/overlays', overlay))],
    components: components.map((name) => relative(dir, join(root, 'infra/k8s/components', name))),
  };
  await writeFile(join(dir, 'kustomization.yaml'), stringify(kustomization));
  return readManifests(await build(kubectl ?? '', dir));
}

const edges = async (overlay: string, components: readonly string[], beside = prometheus) =>
  edgesOf([...(await manifests(overlay, components)), ...beside]);

(kubectl ? it : it.skip).each(['dev', 'prod'])(
  'infra/k8s/components/monitoring lets Prometheus read each service around %s, and changes nothing else',
  async (overlay) => {
    const [without, within] = [await edges(overlay, []), await edges(overlay, ['monitoring'])];
    expect(without.length).toBeGreaterThan(20);
    expect(within.filter((it) => !without.includes(it))).toEqual(
      serviceNames.map((name) => `prometheus -> ${name}:3000`).toSorted(),
    );
    expect(without.filter((it) => !within.includes(it))).toEqual([]);
  },
);

(kubectl ? it : it.skip)(
  'infra/k8s/components/traces lets the services and the shop send spans, and changes nothing else',
  async () => {
    const traces = readManifests(await build(kubectl ?? '', join(root, 'infra/k8s-setup/observability/traces')));
    const [without, within] = [await edges('dev', [], traces), await edges('dev', ['traces'], traces)];
    expect(within.filter((it) => !without.includes(it))).toEqual(
      ['client', ...serviceNames].map((name) => `${name} -> otel-collector:4318`).toSorted(),
    );
    expect(without.filter((it) => !within.includes(it))).toEqual([]);
  },
);

(kubectl ? it : it.skip).each([
  ['dev', storing.map((name) => `console -> mongo-${name}:27017`)],
  ['prod', ['console -> 10.0.0.0/8:27017']],
] as const)(
  'infra/k8s/components/console lets the console see NATS, the databases and each service around %s, and take spans',
  async (overlay, databases) => {
    const [without, within] = [await edges(overlay, [], []), await edges(overlay, ['console'], [])];
    expect(within.filter((it) => !without.includes(it))).toEqual(
      [
        ...databases,
        'console -> dns:53',
        'console -> nats:4222',
        ...serviceNames.flatMap((name) => [`console -> ${name}:3000`, `${name} -> console:4318`]),
      ].toSorted(),
    );
    expect(without.filter((it) => !within.includes(it))).toEqual([]);
  },
);

interface Workload extends Manifest {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly ports?: readonly { readonly name: string }[] }[] };
    };
  };
}

(kubectl ? it : it.skip)('prometheus.yml finds each service by its labels, and nobody else', async () => {
  const { scrape_configs } = parse(await readFile(join(root, 'infra/monitoring/prometheus.yml'), 'utf8'));
  const [keep] = scrape_configs[0].relabel_configs;
  expect(keep).toMatchObject({ action: 'keep', separator: '/' });
  const labelOf = (name: string) => `__meta_kubernetes_pod_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;
  const targets = (await manifests('dev', ['monitoring'])).flatMap((it) => {
    if (it.kind !== 'Deployment' && it.kind !== 'StatefulSet') return [];
    const { metadata, spec } = (it as Workload).spec.template;
    const labels = Object.entries(metadata.labels).map(([name, value]) => [labelOf(name), value]);
    const ports = spec.containers.flatMap(({ ports = [] }) => ports);
    return ports.map((port) => ({
      name: it.metadata.name,
      facts: { ...Object.fromEntries(labels), __meta_kubernetes_pod_container_port_name: port.name },
    }));
  });
  const kept = targets.filter(({ facts }) =>
    new RegExp(`^(?:${keep.regex})$`).test(keep.source_labels.map((name: string) => facts[name] ?? '').join('/')),
  );
  expect(kept.map(({ name }) => name).toSorted()).toEqual(serviceNames.toSorted());
});
