import type { ServiceEntry } from '../services.ts';
import { docker, mongoSecrets, natsKey, noDigest, noReplicas, noTag, reader, registry, secret } from './place-texts.ts';

/** A text in a file that depends on the list of services. */
export interface Place {
  readonly file: string;
  /** The services that it names. Default: all. */
  readonly about?: (service: ServiceEntry) => boolean;
  /** Either one text per service, */
  readonly each?: (service: ServiceEntry) => string;
  /** or one text for all of them. */
  readonly all?: (services: readonly ServiceEntry[]) => string;
}

const hasDatabase = (it: ServiceEntry) => it.hasDatabase;
const isServed = (it: ServiceEntry) => it.serves.length > 0;
const onTheBus = (it: ServiceEntry) => it.announces || it.listensTo.length > 0;
const names = (services: readonly ServiceEntry[]) => services.map(({ name }) => name);
const inBrackets = (services: readonly ServiceEntry[]) => `[${names(services).join(', ')}]`;

const images: readonly Place[] = [
  { file: 'package.json', each: ({ name }) => `    "${name}",\n` },
  { file: 'docs/generate/package.json', each: ({ name }) => `    "@box-office/${name}": "0.1.0",\n` },
  { file: 'infra/docker/Dockerfile', each: ({ name }) => `COPY ${name}/package.json ${name}/\n` },
  { file: 'infra/docker/client.Dockerfile', each: ({ name }) => `COPY ${name}/package.json ${name}/\n` },
  { file: 'infra/docker/console.Dockerfile', each: ({ name }) => `COPY ${name}/package.json ${name}/\n` },
  { file: '.dockerignore', each: ({ name }) => `!${name}/src\n` },
  {
    file: '.github/workflows/images.yml',
    each: ({ name }) =>
      `          - { name: ${name}, file: infra/docker/Dockerfile, target: service, workspace: ${name} }\n`,
  },
];

const skaffold: readonly Place[] = [
  {
    file: 'skaffold.yaml',
    each: ({ name }) => `    - image: box-office/${name}
      ${docker(name)}
      sync:
        manual:
          - { src: ${name}/src/**/*.ts, dest: /app }
          - { src: common/src/**/*.ts, dest: /app }
`,
  },
  { file: 'skaffold.yaml', each: ({ name }) => `        - image: box-office/${name}\n          ${docker(name)}\n` },
  { file: 'skaffold.yaml', each: ({ name }) => `        - image: ${registry}/${name}\n          ${docker(name)}\n` },
  {
    file: 'skaffold.yaml',
    each: ({ name, debugPort }) =>
      `      - { resourceType: deployment, resourceName: ${name}, namespace: box-office, port: 9229, localPort: ${debugPort} }\n`,
  },
  {
    // The profile `selling`, by their numbers in the list above: the shop and the sandbox come first in it, then auth
    // and tickets, which a seller needs.
    file: 'skaffold.yaml',
    all: (services) =>
      [...services.keys()]
        .slice(2)
        .toReversed()
        .concat(-1)
        .map((index) => `      - { op: remove, path: /build/artifacts/${index + 2} }\n`)
        .join(''),
  },
];

const debuggers: readonly Place[] = [
  {
    file: '.vscode/launch.json',
    all: (services) =>
      services
        .map(
          ({ name, debugPort }) => `{
      "name": "${name}",
      "type": "node",
      "request": "attach",
      "port": ${debugPort},
      "restart": true,
      "localRoot": "\${workspaceFolder}",
      "remoteRoot": "/app",
      "skipFiles": ["<node_internals>/**"]
    }`,
        )
        .join(',\n    '),
  },
  {
    file: '.vscode/launch.json',
    all: (services) =>
      `"configurations": [${names(services)
        .map((name) => `"${name}"`)
        .join(', ')}]`,
  },
];

const cluster: readonly Place[] = [
  { file: 'infra/k8s/base/kustomization.yaml', each: ({ name }) => `  - ${name}\n` },
  { file: 'infra/k8s/base/mongo/kustomization.yaml', about: hasDatabase, each: ({ name }) => `  - ${name}\n` },
  {
    file: 'infra/k8s/base/nats/network-policy.yml',
    about: onTheBus,
    each: ({ name }) =>
      `        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: ${name}\n`,
  },
  { file: 'infra/k8s/base/nats/stateful-set.yml', about: onTheBus, each: ({ name }) => natsKey(name) },
  {
    // Whoever is asked by people fetches the keys that identities are signed with.
    file: 'infra/k8s/base/auth/network-policy.yml',
    about: (it) => isServed(it) && it.name !== 'auth',
    each: ({ name }) =>
      `        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: ${name}\n`,
  },
  {
    file: 'infra/k8s/base/gateway/routes.yml',
    // What is left of /api is auth's.
    about: (it) => isServed(it) && it.name !== 'auth',
    each: ({ name, serves }) =>
      serves
        .map(
          (path) => `    - match: PathRegexp(\`^${path}(/|$)\`)
      kind: Rule
      priority: 50
      middlewares:
        - name: headers
        - name: api-headers
        - name: in-flight
        - name: identity
        - name: drop-cookie
      services:
        - name: ${name}
          port: 3000
`,
        )
        .join(''),
  },
  {
    file: 'infra/k8s/overlays/prod/kustomization.yaml',
    each: ({ name }) =>
      `  - name: box-office/${name}\n    newName: ${registry}/${name}\n    digest: ${noDigest} # {"$imagepolicy": "flux-system:${name}:digest"}\n`,
  },
  {
    file: 'infra/k8s/overlays/prod/network-policies.yml',
    about: hasDatabase,
    all: (services) => `values: ${inBrackets(services)}`,
  },
  {
    file: 'infra/k8s/overlays/preview/kustomization.yaml',
    each: ({ name }) => `  - name: box-office/${name}\n    newName: ${registry}/${name}\n`,
  },
  {
    // Each server twice while it is replaced: services, shop, keeper, sandbox. Then databases, NATS, and one to spare.
    file: 'infra/k8s/overlays/preview/quota.yml',
    all: (services) => `    pods: "${2 * (services.length + 3) + services.filter(hasDatabase).length + 2}"\n`,
  },
  {
    file: 'infra/k8s/overlays/preview/quota.yml',
    all: (services) => `    limits.memory: ${services.length + 2}Gi\n`,
  },
  {
    // The databases, NATS and the sandbox.
    file: 'infra/k8s/overlays/preview/quota.yml',
    about: hasDatabase,
    all: ({ length }) => `    persistentvolumeclaims: "${length + 2}"\n    requests.storage: ${(length + 2) * 512}Mi\n`,
  },
  {
    file: 'infra/k8s/components/selling/kustomization.yaml',
    about: ({ name }) => name !== 'auth' && name !== 'tickets',
    each: ({ name }) => noReplicas(name),
  },
  {
    file: 'infra/k8s/components/selling/kustomization.yaml',
    about: (it) => hasDatabase(it) && it.name !== 'auth' && it.name !== 'tickets',
    each: ({ name }) => noReplicas(`mongo-${name}`),
  },
  { file: 'infra/k8s/components/console/kustomization.yaml', about: hasDatabase, each: ({ name }) => reader(name) },
];

const flux: readonly Place[] = [
  { file: 'infra/flux/apps/dev/kustomization.yaml', about: onTheBus, each: ({ name }) => secret(`nats-${name}`) },
  { file: 'infra/flux/apps/prod/kustomization.yaml', about: onTheBus, each: ({ name }) => secret(`nats-${name}`) },
  { file: 'infra/flux/apps/dev/kustomization.yaml', about: hasDatabase, each: ({ name }) => secret(name) },
  { file: 'infra/flux/apps/dev/kustomization.yaml', about: hasDatabase, each: ({ name }) => mongoSecrets(name) },
  { file: 'infra/flux/apps/prod/kustomization.yaml', about: hasDatabase, each: ({ name }) => secret(name) },
  {
    file: 'infra/flux/apps/dev/kustomization.yaml',
    each: ({ name }) =>
      `  - name: box-office/${name}\n    newName: ${registry}/${name}\n    newTag: ${noTag} # {"$imagepolicy": "flux-system:${name}:tag"}\n`,
  },
  {
    file: 'infra/flux/delivery/base/images.yml',
    each: ({ name }) => `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: ${name}
spec:
  image: ${registry}/${name}
  interval: 5m
  secretRef:
    name: registry
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: ${name}
spec:
  imageRepositoryRef:
    name: ${name}
---
`,
  },
  {
    file: 'infra/flux/delivery/prod/kustomization.yaml',
    all: (services) => `name: (${names(services).join('|')}|client)`,
  },
];

const operations: readonly Place[] = [
  {
    file: 'infra/monitoring/alerts.yml',
    all: (services) =>
      services.map(({ name }) => `absent(process_start_time_seconds{service="${name}"})`).join('\n          or '),
  },
  {
    file: 'infra/monitoring/alerts.yml',
    all: (services) => `changes(process_start_time_seconds{service=~"${names(services).join('|')}"}`,
  },
  {
    file: 'infra/monitoring/alerts.yml',
    about: hasDatabase,
    all: (services) =>
      `process_start_time_seconds{service=~"${names(services).join('|')}"}\n          unless on (service, instance) (outbox_oldest_age_seconds or`,
  },
  {
    file: 'infra/monitoring/alerts.yml',
    about: (it) => it.listensTo.length > 0,
    all: (services) =>
      `process_start_time_seconds{service=~"${names(services).join('|')}"}\n          unless on (service, instance) dead_letters`,
  },
  {
    // Orders are those that go in that test.
    file: 'infra/monitoring/alerts.test.yml',
    about: ({ name }) => name !== 'orders',
    each: ({ name }) =>
      `      - { series: 'process_start_time_seconds{service="${name}", instance="z"}', values: 1x20 }\n`,
  },
  {
    // Whatever is about an order was there before it.
    file: 'infra/tasks/backup.yml',
    about: hasDatabase,
    all: (services) => `DATABASES: ${['orders', ...names(services).filter((name) => name !== 'orders')].join(' ')}\n`,
  },
  { file: 'infra/tasks/do.yml', about: hasDatabase, all: (services) => `for: ${inBrackets(services)}\n` },
  { file: 'infra/tasks/do.yml', about: hasDatabase, all: (services) => `enum: ${inBrackets(services)}\n` },
  { file: 'Taskfile.yml', about: hasDatabase, all: (services) => `enum: ${inBrackets(services)}\n` },
];

/** Every place outside of code that names the services. */
export const places: readonly Place[] = [...images, ...skaffold, ...debuggers, ...cluster, ...flux, ...operations];

/** What a place should hold and does not, each as its first line. */
export function missing(place: Place, content: string, services: readonly ServiceEntry[]): string[] {
  const texts = textsOf(place, services);
  return texts.filter((text) => !pattern(text).test(content));
}

/**
 * The content with what it should hold for one more service, the last of them. @throws when it does not hold what it
 * should for the others
 */
export function withOneMore(place: Place, content: string, services: readonly ServiceEntry[]): string {
  const before = textsOf(place, services.slice(0, -1));
  const after = textsOf(place, services);
  if (place.each && before.length === after.length) return content;
  const last = before.at(-1) ?? '';
  const found = pattern(last).exec(content);
  if (!found) throw new Error(`${place.file} does not hold\n${last}`);
  const end = found.index + found[0].length;
  if (place.each) return content.slice(0, end) + (after.at(-1) ?? '') + content.slice(end);
  // It may stand there more than once.
  return content.replaceAll(last, after.at(-1) ?? '');
}

function textsOf({ about = () => true, each, all }: Place, services: readonly ServiceEntry[]): string[] {
  const some = services.filter(about);
  return each ? some.map(each) : [all?.(some) ?? ''];
}

/** What others write into these texts differs: Flux a digest or a tag. */
function pattern(text: string): RegExp {
  const plain = text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(noDigest, 'sha256:[0-9a-f]{64}');
  return new RegExp(plain.replace(noTag, '\\S+').replace('instance="z"', 'instance="\\w+"'));
}
