import type { ApiServer } from './api-server.ts';
import type { Cluster } from './tree.ts';

/** A verb, a kind of thing (with a part of it after the slash), and a namespace. */
type Ask = readonly [verb: string, resource: string, namespace: string];

interface Rights {
  readonly who: string;
  /** As kubectl takes it. */
  readonly as: readonly string[];
  readonly may: readonly Ask[];
  readonly mayNot: readonly Ask[];
}

const developer: Rights = {
  who: 'a developer',
  as: ['--as=somebody', '--as-group=developers', '--as-group=system:authenticated'],
  may: [
    ['get', 'pods', 'box-office'],
    ['get', 'pods/log', 'box-office'],
    ['create', 'pods/exec', 'box-office'],
    ['create', 'pods/portforward', 'box-office'],
    ['list', 'ingressroutes.traefik.io', 'box-office'],
  ],
  mayNot: [
    ['get', 'secrets', 'box-office'],
    ['list', 'secrets', 'traefik'],
    ['delete', 'pods', 'box-office'],
    ['patch', 'deployments.apps', 'box-office'],
    ['create', 'serviceaccounts/token', 'traefik'],
  ],
};

const traefik: Rights = {
  who: 'Traefik',
  as: ['--as=system:serviceaccount:traefik:traefik'],
  may: [
    ['watch', 'ingressroutes.traefik.io', 'box-office'],
    ['list', 'endpointslices.discovery.k8s.io', 'box-office'],
  ],
  mayNot: [
    ['get', 'pods', 'box-office'],
    ['update', 'secrets', 'box-office'],
  ],
};

const service: Rights = {
  who: 'a service',
  as: ['--as=system:serviceaccount:box-office:tickets'],
  may: [],
  mayNot: [
    ['get', 'secrets', 'box-office'],
    ['list', 'pods', 'box-office'],
  ],
};

const rights: Readonly<Record<Cluster, readonly Rights[]>> = {
  dev: [developer, traefik, service],
  // Nobody works in production: whoever may do something in dev may do nothing there.
  prod: [{ ...developer, may: [], mayNot: [...developer.may, ...developer.mayNot] }, traefik, service],
};

/** Asks the API server who may do what, and gives what it answers otherwise, a sentence each. */
export async function askRights(server: ApiServer, cluster: Cluster): Promise<string[]> {
  const wrong: string[] = [];
  for (const { who, as, may, mayNot } of rights[cluster]) {
    for (const [asks, should] of [[may, true] as const, [mayNot, false] as const]) {
      for (const [verb, resource, namespace] of asks) {
        if ((await canI(server, as, verb, resource, namespace)) === should) continue;
        wrong.push(`${who} ${should ? 'may not' : 'may'} ${verb} ${resource} in ${namespace}`);
      }
    }
  }
  return wrong;
}

async function canI(server: ApiServer, as: readonly string[], ...[verb, resource, namespace]: Ask): Promise<boolean> {
  // What follows the slash would be taken for a name.
  const [kind = '', part] = resource.split('/');
  const subresource = part ? [`--subresource=${part}`] : [];
  const { stdout } = await server.kubectl([
    'auth',
    'can-i',
    verb,
    kind,
    ...subresource,
    `--namespace=${namespace}`,
    ...as,
  ]);
  return stdout.trim() === 'yes';
}
