import { z } from 'zod';
import type { ApiServer } from './api-server.ts';
import { ask, objectsOf } from './objects.ts';

/** Deployments by name, each with the address of the process that acts as its pod. */
export type Processes = Readonly<Record<string, string>>;

/**
 * Addresses of a cluster (`10.244.0.7:3000`, `auth.box-office.svc.cluster.local:3000`), each with the process behind
 * it.
 */
export type Addresses = ReadonlyMap<string, string>;

const Named = z.object({ name: z.string(), namespace: z.string() });
const Labels = z.record(z.string(), z.string());

const Service = z.object({
  metadata: Named,
  spec: z.object({
    clusterIP: z.string(),
    selector: Labels.optional(),
    ports: z.array(
      z.object({ name: z.string().default(''), port: z.int(), targetPort: z.union([z.int(), z.string()]) }),
    ),
  }),
});

const Container = z.object({
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.int() })).default([]),
});
const Deployment = z.object({
  metadata: Named,
  spec: z.object({
    replicas: z.int(),
    template: z.object({
      metadata: z.object({ labels: Labels }),
      spec: z.object({ containers: z.array(Container) }),
    }),
  }),
});

/** Marks the slices that were created here. */
const managedBy = { 'endpointslice.kubernetes.io/managed-by': 'infra-verify' };

/**
 * Does what controllers and nodes do in a cluster: each Deployment with a process here gets a pod address, and each
 * Service an EndpointSlice of the pods it selects. Services, labels and ports are used as applied; a Service that
 * selects no pod has no endpoints.
 */
export async function placePods(server: ApiServer, processes: Processes): Promise<Addresses> {
  const [services, deployments] = await Promise.all([
    objectsOf(server, 'services', Service),
    objectsOf(server, 'deployments', Deployment),
  ]);
  const pods = deployments.flatMap((deployment, index) => podOf(deployment, processes, `10.244.0.${index + 1}`));
  const addresses = new Map<string, string>();
  for (const { ip, ports, process } of pods) {
    for (const { containerPort } of ports) addresses.set(`${ip}:${containerPort}`, process);
  }
  const slices: object[] = [];
  for (const { metadata, spec } of services) {
    for (const pod of pods.filter((it) => it.namespace === metadata.namespace && selects(spec.selector, it.labels))) {
      const ports = spec.ports.flatMap(({ name, port, targetPort }) => {
        const leadsTo = pod.ports.find((it) => it.containerPort === targetPort || it.name === targetPort);
        return leadsTo ? [{ name, port, at: leadsTo.containerPort }] : [];
      });
      for (const { port } of ports) {
        addresses.set(`${spec.clusterIP}:${port}`, pod.process);
        addresses.set(`${metadata.name}.${metadata.namespace}.svc.cluster.local:${port}`, pod.process);
      }
      slices.push(sliceOf(metadata, pod, ports));
    }
  }
  const [[label, value] = []] = Object.entries(managedBy);
  await ask(server, ['delete', 'endpointslices', '--all-namespaces', `--selector=${label}=${value}`]);
  await ask(server, ['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: slices }));
  return addresses;
}

interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly labels: z.infer<typeof Labels>;
  readonly ports: z.infer<typeof Container>['ports'];
  readonly process: string;
}

function podOf({ metadata, spec }: z.infer<typeof Deployment>, processes: Processes, ip: string): Pod[] {
  const process = processes[metadata.name];
  if (process === undefined || spec.replicas === 0) return [];
  const { metadata: labelled, spec: pod } = spec.template;
  return [{ ...metadata, ip, labels: labelled.labels, ports: pod.containers.flatMap(({ ports }) => ports), process }];
}

const selects = (selector: z.infer<typeof Labels> | undefined, labels: z.infer<typeof Labels>): boolean =>
  selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);

const sliceOf = (service: z.infer<typeof Named>, pod: Pod, ports: readonly { name: string; at: number }[]): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${service.name}-${pod.name}`,
    namespace: service.namespace,
    labels: { 'kubernetes.io/service-name': service.name, ...managedBy },
  },
  addressType: 'IPv4',
  ports: ports.map(({ name, at }) => ({ name, port: at, protocol: 'TCP' })),
  endpoints: [{ addresses: [pod.ip], conditions: { ready: true, serving: true, terminating: false } }],
});
