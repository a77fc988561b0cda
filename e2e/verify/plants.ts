import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Cluster } from './tree.ts';

export interface Plant {
  readonly what: string;
  readonly cluster: Cluster;
  /**
   * Where the error shows: when reading, on a cluster that was sound before, or only on an empty one, where none of
   * these hides another, so that all of them are planted at once.
   */
  readonly shows: 'read' | 'applied' | 'from empty';
  /** Plants the error in a copy of the repository’s manifests. */
  readonly plant: (copy: string) => Promise<void>;
  readonly found: RegExp;
}

/** The optional folders. */
const observability = 'infra/k8s-setup/observability';

export const plants: readonly Plant[] = [
  {
    what: 'a field that Kubernetes does not know',
    cluster: 'dev',
    shows: 'applied',
    plant: (copy) => edit(copy, 'infra/k8s/base/tickets/deployment.yml', 'envFrom:', 'environmentFrom:'),
    found: /^applies infra\/k8s\/overlays\/dev: .*environmentFrom: field not declared/,
  },
  {
    what: 'a field that Traefik does not know',
    cluster: 'dev',
    shows: 'applied',
    plant: (copy) =>
      edit(copy, 'infra/k8s/base/gateway/middlewares.yml', 'trustForwardHeader:', 'trustForwardedHeader:'),
    found: /^applies infra\/k8s\/overlays\/dev: .*trustForwardedHeader: field not declared/,
  },
  {
    what: 'a missing securityContext',
    cluster: 'prod',
    shows: 'applied',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s/base/restricted/kustomization.yaml',
        '  - path: container.yml\n    target:\n      kind: Deployment|StatefulSet\n',
        '',
      ),
    found: /^applies .*\/prod: Warning: would violate PodSecurity/,
  },
  {
    what: 'a secret in plain text',
    cluster: 'prod',
    shows: 'read',
    plant: async (copy) => {
      await writeFile(
        join(copy, 'infra/k8s/overlays/prod/secret.yml'),
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: payments\n  namespace: box-office\nstringData:\n  STRIPE_SECRET_KEY: sk_live_1\n',
      );
      await edit(
        copy,
        'infra/k8s/overlays/prod/kustomization.yaml',
        '  - network-policies.yml\n',
        '  - network-policies.yml\n  - secret.yml\n',
      );
    },
    found: /^no readable secret: Secret box-office\/payments/,
  },
  {
    what: 'a NetworkPolicy that is open',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      appendFile(
        join(copy, 'infra/k8s/base/network-policies.yml'),
        '---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: open\nspec:\n  podSelector: {}\n  policyTypes: [Ingress]\n  ingress: [{}]\n',
      ),
    found: /^the network is the architecture: tickets -> orders:3000 is open|^the network is the architecture: \* -> /,
  },
  {
    what: 'a missing connection',
    cluster: 'dev',
    shows: 'read',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s/base/nats/network-policy.yml',
        '        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: expiration\n',
        '',
      ),
    found: /^the network is the architecture: expiration -> nats:4222 is in the architecture and closed/,
  },
  {
    what: 'a route without authentication',
    cluster: 'dev',
    shows: 'read',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s/base/gateway/routes.yml',
        '        - name: identity\n        - name: drop-cookie\n      services:\n        - name: payments',
        '      services:\n        - name: payments',
      ),
    found: /^every route asks who is calling: IngressRoute box-office\/guarded leads .*payments/,
  },
  {
    what: 'a database that Flux would prune',
    cluster: 'dev',
    shows: 'read',
    plant: (copy) =>
      edit(copy, 'infra/k8s/overlays/dev/kustomization.yaml', 'components:\n  - ../../components/keeps-data\n', ''),
    found: /^data is kept: StatefulSet box-office\/mongo-orders would be pruned by Flux/,
  },
  {
    what: 'a namespace that Flux would prune',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(copy, 'infra/k8s-setup/2-controllers/cert-manager/namespace.yml', 'prune: disabled', 'prune: enabled'),
    found: /^data is kept: Namespace cert-manager would be pruned by Flux/,
  },
  {
    what: 'a load balancer that does not pass on the caller’s address',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s-setup/2-controllers/prod/kustomization.yaml',
        'do-loadbalancer-enable-proxy-protocol: "true"',
        'do-loadbalancer-enable-proxy-protocol: "false"',
      ),
    found: /^Traefik knows who is calling: Service traefik\/traefik does not say who is calling/,
  },
  {
    what: 'a Traefik that trusts no load balancer',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(copy, 'infra/k8s-setup/2-controllers/prod/kustomization.yaml', '10.110.0.0/20', '255.255.255.255/32'),
    found: /^Traefik knows who is calling: the entry point websecure does not believe its load balancer/,
  },
  {
    what: 'a Traefik that trusts the PROXY protocol from anybody',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) => edit(copy, 'infra/k8s-setup/2-controllers/prod/kustomization.yaml', '10.110.0.0/20', '0.0.0.0/0'),
    found: /^Traefik knows who is calling: the entry point web believes all of 0\.0\.0\.0\/0/,
  },
  {
    what: 'a Traefik that trusts a load balancer that does not exist',
    cluster: 'dev',
    shows: 'read',
    plant: (copy) => edit(copy, 'infra/k8s/base/gateway/settings/static.yml', '255.255.255.255/32', '10.0.0.0/16'),
    found: /^Traefik knows who is calling: the entry point web believes a load balancer that it does not have/,
  },
  {
    what: 'a kind that is used before its stage',
    cluster: 'prod',
    shows: 'from empty',
    plant: (copy) => plantEarly(copy, 'infra/k8s/base/gateway/middlewares.yml'),
    found: /^applies infra\/k8s-setup\/1-crds: .*no matches for kind "Middleware"/,
  },
  {
    what: 'a gateway that knows another name of the shop',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(copy, 'infra/k8s/overlays/prod/kustomization.yaml', '!Host(`tickets.example.com`)', '!Host(`localhost`)'),
    found: /^only own names: the gateway refuses tickets.example.com, where people open the shop/,
  },
  {
    what: 'an issuer that is used before its stage',
    cluster: 'prod',
    shows: 'from empty',
    plant: (copy) => plantEarly(copy, 'infra/k8s-setup/3-platform/prod/lets-encrypt.yml'),
    found: /^applies infra\/k8s-setup\/1-crds: .*no matches for kind "ClusterIssuer"/,
  },
  {
    what: 'a shop that can be reached without TLS',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(copy, 'infra/k8s/overlays/prod/kustomization.yaml', '[websecure, internal]', '[web, internal]'),
    found: /^TLS from outside: IngressRoute box-office\/guarded can be reached from outside without TLS, at web/,
  },
  {
    what: 'a cert-manager that writes Secrets everywhere',
    cluster: 'prod',
    shows: 'applied',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s-setup/2-controllers/cert-manager/controller-rbac.yml',
        'resources: [secrets]\n    verbs: [get, list, watch]',
        'resources: [secrets]\n    verbs: [get, list, watch, create, update]',
      ),
    found: /^rights: cert-manager may update secrets in box-office/,
  },
  {
    what: 'an image without a digest',
    cluster: 'prod',
    shows: 'read',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s/overlays/prod/kustomization.yaml',
        '  - name: nats\n    digest: sha256:0000000000000000000000000000000000000000000000000000000000000000',
        '',
      ),
    found: /^images by digest: StatefulSet box-office\/nats takes nats:2\.15\.1/,
  },
  {
    what: 'a right too many',
    cluster: 'dev',
    shows: 'applied',
    plant: (copy) =>
      edit(
        copy,
        'infra/k8s-setup/3-platform/dev/developer.yml',
        '        endpoints,\n',
        '        secrets,\n        endpoints,\n',
      ),
    found: /^rights: a developer may get secrets in box-office/,
  },
  {
    what: 'a field that the Prometheus Operator does not know',
    cluster: 'dev',
    shows: 'applied',
    plant: (copy) =>
      edit(copy, `${observability}/2-monitoring/prometheus.yml`, 'evaluationInterval:', 'evaluateInterval:'),
    found: /^applies .*observability\/2-monitoring: .*evaluateInterval: field not declared/,
  },
  {
    what: 'a rule that is no rule',
    cluster: 'dev',
    shows: 'applied',
    plant: (copy) =>
      edit(copy, `${observability}/2-monitoring/rules.yml`, '- alert: OrdersOpen', '- alarm: OrdersOpen'),
    found: /^applies .*observability\/2-monitoring: .*alarm: field not declared/,
  },
];

/** Adds the objects of a later stage to the first. */
async function plantEarly(copy: string, file: string): Promise<void> {
  const first = join(copy, 'infra/k8s-setup/1-crds');
  const early = `early-${basename(file)}`;
  await cp(join(copy, file), join(first, early));
  await appendFile(join(first, 'kustomization.yaml'), `  - ${early}\n`);
}

export async function edit(copy: string, file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  await writeFile(join(copy, file), text.replace(from, to));
}
