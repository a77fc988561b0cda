import type { Manifest } from '@box-office/ops/cluster/manifests';

/**
 * The connections that the NetworkPolicies allow: `a -> b:port`. A connection between two pods must be allowed by the
 * egress policies of the first and the ingress policies of the second. `*` is everything outside: any address, or any
 * pod not of these workloads.
 */
export function edgesOf(manifests: readonly Manifest[]): string[] {
  const pods = podsOf(manifests);
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as Policy[];
  const within = pods.flatMap((from) => [...pods, dns].flatMap((to) => between(from, to, policies)));
  const across = pods.flatMap((pod) => [...leaving(pod, policies), ...entering(pod, policies)]);
  return [...new Set([...within, ...across])].sort();
}

function between(from: Pod, to: Pod, policies: readonly Policy[]): string[] {
  const outgoing = rulesFor(from, policies, 'Egress');
  const incoming = rulesFor(to, policies, 'Ingress');
  const leaves = (port: number) =>
    outgoing === open || outgoing.some((rule) => allows(rule.to, rule.ports, to, port, rule.home));
  const enters = (port: number) =>
    incoming === open || incoming.some((rule) => allows(rule.from, rule.ports, from, port, rule.home));
  return to.ports.filter((port) => leaves(port) && enters(port)).map((port) => `${from.name} -> ${to.name}:${port}`);
}

/** Where a pod may connect beyond the known pods. */
function leaving(pod: Pod, policies: readonly Policy[]): string[] {
  const rules = rulesFor(pod, policies, 'Egress');
  if (rules === open) return [`${pod.name} -> *`];
  return rules.flatMap(({ to, ports }) => {
    const blocks = to ? to.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr] : [])) : ['*'];
    return blocks.flatMap((block) => portsOf(ports).map((port) => `${pod.name} -> ${block}:${port}`));
  });
}

function entering(pod: Pod, policies: readonly Policy[]): string[] {
  const rules = rulesFor(pod, policies, 'Ingress');
  if (rules === open) return [`* -> ${pod.name}`];
  return rules
    .filter(({ from }) => !from)
    .flatMap(({ ports }) => portsOf(ports).map((port) => `* -> ${pod.name}:${port}`));
}

const portsOf = (ports: readonly Port[] | undefined) => (ports ?? [{}]).map(({ port = 'any' }) => port);

interface Labels {
  readonly [key: string]: string;
}

interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly ports: readonly number[];
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface Port {
  readonly port?: number | string;
  readonly protocol?: string;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly Port[];
  readonly home: string;
}

interface Policy {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Omit<Rule, 'home'>[];
    readonly egress?: readonly Omit<Rule, 'home'>[];
  };
}

/** No policy selects the pod, so everything is allowed. */
const open = 'open';

function rulesFor(pod: Pod, policies: readonly Policy[], type: 'Ingress' | 'Egress'): readonly Rule[] | typeof open {
  const own = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace && spec.policyTypes.includes(type) && selects(spec.podSelector, pod.labels),
  );
  if (own.length === 0) return open;
  return own.flatMap(({ metadata, spec }) =>
    ((type === 'Ingress' ? spec.ingress : spec.egress) ?? []).map((rule) => ({ ...rule, home: metadata.namespace })),
  );
}

function allows(
  peers: readonly Peer[] | undefined,
  ports: readonly Port[] | undefined,
  pod: Pod,
  port: number,
  home: string,
) {
  const suits = !ports || ports.some((it) => it.port === undefined || it.port === port);
  return suits && (!peers || peers.some((peer) => isAbout(peer, pod, home)));
}

function isAbout({ podSelector, namespaceSelector, ipBlock }: Peer, pod: Pod, home: string): boolean {
  if (ipBlock) return false;
  const inPlace = namespaceSelector ? selects(namespaceSelector, pod.namespaceLabels) : pod.namespace === home;
  return inPlace && (!podSelector || selects(podSelector, pod.labels));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'In') return labels[key] !== undefined && values.includes(labels[key]);
      if (operator === 'NotIn') return labels[key] === undefined || !values.includes(labels[key]);
      if (operator === 'Exists') return key in labels;
      if (operator === 'DoesNotExist') return !(key in labels);
      throw new Error(`a selector with the unknown operator ${operator}`);
    })
  );
}

interface Template {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly containers: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[];
      };
    };
  };
}

function podsOf(manifests: readonly Manifest[]): Pod[] {
  const namespaces = new Map(
    manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  );
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  return workloads.map((it) => {
    const { template } = (it as unknown as Template).spec;
    const namespace = it.metadata.namespace ?? 'default';
    return {
      name: it.metadata.name,
      namespace,
      labels: template.metadata.labels,
      namespaceLabels: { ...namespaces.get(namespace), 'kubernetes.io/metadata.name': namespace },
      ports: template.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort)),
    };
  });
}

/** Every cluster has it and protects it itself. */
const dns: Pod = {
  name: 'dns',
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
  ports: [53],
};
