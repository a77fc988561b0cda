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
    ['get', 'certificates.cert-manager.io', 'traefik'],
  ],
  mayNot: [
    ['get', 'secrets', 'box-office'],
    ['list', 'secrets', 'traefik'],
    ['update', 'certificates.cert-manager.io', 'traefik'],
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

const certManager: Rights = {
  who: 'cert-manager',
  as: ['--as=system:serviceaccount:cert-manager:cert-manager'],
  may: [
    ['create', 'secrets', 'traefik'],
    ['update', 'secrets', 'cert-manager'],
    ['create', 'certificaterequests.cert-manager.io', 'traefik'],
    ['create', 'challenges.acme.cert-manager.io', 'traefik'],
  ],
  mayNot: [
    // It reads those of services, and cannot be kept from it, but writes none.
    ['create', 'secrets', 'box-office'],
    ['update', 'secrets', 'box-office'],
    ['create', 'pods', 'traefik'],
    ['create', 'services', 'traefik'],
    ['create', 'ingresses.networking.k8s.io', 'traefik'],
    ['update', 'certificatesigningrequests.certificates.k8s.io', 'traefik'],
  ],
};

const caInjector: Rights = {
  who: 'cainjector',
  as: ['--as=system:serviceaccount:cert-manager:cert-manager-cainjector'],
  may: [
    ['get', 'secrets', 'cert-manager'],
    ['list', 'validatingwebhookconfigurations.admissionregistration.k8s.io', 'cert-manager'],
  ],
  mayNot: [
    ['get', 'secrets', 'traefik'],
    ['get', 'secrets', 'box-office'],
    // Of a name that is not its own.
    ['update', 'validatingwebhookconfigurations.admissionregistration.k8s.io', 'cert-manager'],
    ['update', 'customresourcedefinitions.apiextensions.k8s.io', 'cert-manager'],
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
  dev: [developer, traefik, certManager, caInjector, service],
  // Nobody works in production: whoever may do something in dev may do nothing there.
  prod: [
    { ...developer, may: [], mayNot: [...developer.may, ...developer.mayNot] },
    traefik,
    certManager,
    caInjector,
    service,
  ],
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
