import type { ApiServer } from './api-server.ts';
import type { Cluster } from './tree.ts';

/** A verb, a resource (with a subresource after the slash), and a namespace. */
type Ask = readonly [verb: string, resource: string, namespace: string];

interface Rights {
  readonly who: string;
  readonly as: { readonly user: string; readonly groups: readonly string[] };
  readonly may: readonly Ask[];
  readonly mayNot: readonly Ask[];
}

const developer: Rights = {
  who: 'a developer',
  as: { user: 'somebody', groups: ['developers', 'system:authenticated'] },
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
  as: serviceAccount('traefik', 'traefik'),
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
  as: serviceAccount('cert-manager', 'cert-manager'),
  may: [
    ['create', 'secrets', 'traefik'],
    ['update', 'secrets', 'cert-manager'],
    ['create', 'certificaterequests.cert-manager.io', 'traefik'],
    ['create', 'challenges.acme.cert-manager.io', 'traefik'],
  ],
  mayNot: [
    // It has to read those of services, but writes none.
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
  as: serviceAccount('cert-manager', 'cert-manager-cainjector'),
  may: [
    ['get', 'secrets', 'cert-manager'],
    ['list', 'validatingwebhookconfigurations.admissionregistration.k8s.io', 'cert-manager'],
  ],
  mayNot: [
    ['get', 'secrets', 'traefik'],
    ['get', 'secrets', 'box-office'],
    // Under a name that is not its own.
    ['update', 'validatingwebhookconfigurations.admissionregistration.k8s.io', 'cert-manager'],
    ['update', 'customresourcedefinitions.apiextensions.k8s.io', 'cert-manager'],
  ],
};

const service: Rights = {
  who: 'a service',
  as: serviceAccount('box-office', 'tickets'),
  may: [],
  mayNot: [
    ['get', 'secrets', 'box-office'],
    ['list', 'pods', 'box-office'],
  ],
};

const rights: Readonly<Record<Cluster, readonly Rights[]>> = {
  dev: [developer, traefik, certManager, caInjector, service],
  // Developers have no rights in production.
  prod: [
    { ...developer, may: [], mayNot: [...developer.may, ...developer.mayNot] },
    traefik,
    certManager,
    caInjector,
    service,
  ],
};

/** Asks the API server who may do what, all at once, and gives what it answers otherwise, a sentence each. */
export async function askRights(server: ApiServer, cluster: Cluster): Promise<string[]> {
  const asked = rights[cluster].flatMap(({ who, as, may, mayNot }) => [
    ...may.map((ask) => ({ who, as, ask, should: true })),
    ...mayNot.map((ask) => ({ who, as, ask, should: false })),
  ]);
  const reviews = { apiVersion: 'v1', kind: 'List', items: asked.map(({ as, ask }) => reviewOf(as, ask)) };
  const inWords = '--output=jsonpath={.status.allowed}{"\\n"}';
  const { stdout, stderr } = await server.kubectl(['create', inWords, '-f', '-'], JSON.stringify(reviews));
  const answers = stdout.split('\n').filter((line) => line !== '');
  if (answers.length !== asked.length) return [`only ${answers.length} of ${asked.length} answered: ${stderr.trim()}`];
  return asked.flatMap(({ who, ask: [verb, resource, namespace], should }, index) =>
    answers[index] === `${should}` ? [] : [`${who} ${should ? 'may not' : 'may'} ${verb} ${resource} in ${namespace}`],
  );
}

function reviewOf(as: Rights['as'], [verb, resource, namespace]: Ask): object {
  const [kind = '', subresource] = resource.split('/');
  const [plural, ...group] = kind.split('.');
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { ...as, resourceAttributes: { verb, group: group.join('.'), resource: plural, subresource, namespace } },
  };
}

/** What the API server knows of a pod’s token. */
function serviceAccount(namespace: string, name: string): Rights['as'] {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
