import type { Manifest } from '@box-office/ops/cluster/manifests';
import type { ApiServer } from './api-server.ts';

/** An API server's objects, by their paths. */
export interface Rest {
  /** The object at a path, or undefined. */
  get<T>(path: string): Promise<T | undefined>;
  /** Patches the object at a path. Does not throw when refused: the next read shows it. */
  patch(path: string, change: object): Promise<void>;
}

export const restOf = (server: ApiServer): Rest => ({
  async get<T>(path: string) {
    const { status, body } = await server.ask(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${path} answers ${status}: ${JSON.stringify(body)}`);
    return body as T;
  },
  async patch(path, body) {
    await server.ask(path, { method: 'PATCH', body, contentType: 'application/merge-patch+json' });
  },
});

interface Thing extends Manifest {
  readonly metadata: Manifest['metadata'] & { readonly namespace: string; readonly generation?: number };
  readonly spec: { readonly replicas?: number; readonly hard?: object };
  readonly status?: { readonly observedGeneration?: number; readonly phase?: string; readonly hard?: object };
}

/** The status that the controllers of pods, volumes and quotas would set. */
type Done = (it: Thing) => object | undefined;

const isNew = ({ metadata, status }: Thing) => status?.observedGeneration !== metadata.generation;
const runs = (it: Thing, replicas = it.spec.replicas ?? 1) => ({
  observedGeneration: it.metadata.generation,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
});

/** The status of Flux's other controllers, which need registries and an address that GitHub can reach. */
const isSeen: Done = (it) =>
  isNew(it)
    ? {
        observedGeneration: it.metadata.generation,
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Succeeded',
            message: 'nobody looked',
            lastTransitionTime: new Date().toISOString(),
          },
        ],
      }
    : undefined;

const kinds: Readonly<Record<string, Done>> = {
  'apis/image.toolkit.fluxcd.io/v1/imagerepositories': isSeen,
  'apis/image.toolkit.fluxcd.io/v1/imagepolicies': isSeen,
  'apis/image.toolkit.fluxcd.io/v1/imageupdateautomations': isSeen,
  'apis/notification.toolkit.fluxcd.io/v1/receivers': isSeen,
  'apis/apps/v1/deployments': (it) =>
    isNew(it)
      ? {
          ...runs(it),
          conditions: [
            { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
            { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
          ],
        }
      : undefined,
  'apis/apps/v1/statefulsets': (it) =>
    isNew(it)
      ? {
          ...runs(it),
          currentReplicas: it.spec.replicas ?? 1,
          currentRevision: `revision-${it.metadata.generation}`,
          updateRevision: `revision-${it.metadata.generation}`,
        }
      : undefined,
  'apis/policy/v1/poddisruptionbudgets': (it) =>
    isNew(it)
      ? {
          observedGeneration: it.metadata.generation,
          currentHealthy: 1,
          desiredHealthy: 0,
          disruptionsAllowed: 1,
          expectedPods: 1,
        }
      : undefined,
  'api/v1/persistentvolumeclaims': (it) => (it.status?.phase === 'Bound' ? undefined : { phase: 'Bound' }),
  'api/v1/resourcequotas': (it) =>
    it.status?.hard
      ? undefined
      : {
          hard: it.spec.hard,
          used: Object.fromEntries(Object.keys(it.spec.hard ?? {}).map((resource) => [resource, '0'])),
        },
};

interface Webhooks {
  readonly metadata: { readonly name: string };
  readonly webhooks?: readonly { readonly failurePolicy: string }[];
}

const configurations = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];

export interface StandIn {
  /** Lets the workloads of the held namespaces run too. */
  release(): Promise<void>;
  stop(): void;
}

/**
 * Stands in for the controllers: sets the status of every workload to running, of every volume to bound and of every
 * quota to counted, as soon as they are there: Flux asks at once, and then only every five seconds. Nothing really
 * runs; this tests what is applied, and what waits for it.
 *
 * @param held namespaces whose workloads do not run before `release`
 */
export function everythingRuns(server: ApiServer, held: readonly string[]): StandIn {
  const rest = restOf(server);
  let waiting = [...held];
  const run = async (kind: string, it: Thing) => {
    const { name, namespace } = it.metadata;
    const status = waiting.includes(namespace) ? undefined : kinds[kind]?.(it);
    const [group, resource] = [kind.slice(0, kind.lastIndexOf('/')), kind.slice(kind.lastIndexOf('/') + 1)];
    if (status) await rest.patch(`/${group}/namespaces/${namespace}/${resource}/${name}/status`, { status });
  };
  const watches = [
    ...Object.keys(kinds).map((kind) => server.watch(`/${kind}`, (it) => run(kind, it as Thing).catch(() => {}))),
    ...configurations.map((kind) => {
      const path = `/apis/admissionregistration.k8s.io/v1/${kind}`;
      return server.watch(path, (it) => nobodyValidates(rest, path, it as Webhooks).catch(() => {}));
    }),
  ];
  return {
    async release() {
      waiting = [];
      for (const kind of Object.keys(kinds)) {
        for (const it of (await rest.get<{ items: Thing[] }>(`/${kind}`))?.items ?? []) await run(kind, it);
      }
    },
    stop() {
      for (const stop of watches) stop();
    },
  };
}

/** No pod serves the webhooks, so their requests are allowed. */
async function nobodyValidates(rest: Rest, path: string, { metadata, webhooks = [] }: Webhooks): Promise<void> {
  if (webhooks.every(({ failurePolicy }) => failurePolicy === 'Ignore')) return;
  const ignored = webhooks.map((it) => ({ ...it, failurePolicy: 'Ignore' }));
  await rest.patch(`${path}/${metadata.name}`, { webhooks: ignored });
}
