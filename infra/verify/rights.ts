import type { ApiServer } from './api-server.ts';
import type { Cluster } from './tree.ts';

interface Question {
  /** Where it is asked; everywhere if it does not say. */
  readonly cluster?: Cluster;
  readonly who: string;
  readonly may: boolean;
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
}

const developer = '--as=somebody --as-group=developers --as-group=system:authenticated';
const traefik = '--as=system:serviceaccount:traefik:traefik';
const tickets = '--as=system:serviceaccount:box-office:tickets';

/** Who may do what, and who may not. */
export const questions: readonly Question[] = [
  { cluster: 'dev', who: developer, may: true, verb: 'get', resource: 'pods', namespace: 'box-office' },
  { cluster: 'dev', who: developer, may: true, verb: 'get', resource: 'pods/log', namespace: 'box-office' },
  { cluster: 'dev', who: developer, may: true, verb: 'create', resource: 'pods/exec', namespace: 'box-office' },
  { cluster: 'dev', who: developer, may: true, verb: 'create', resource: 'pods/portforward', namespace: 'box-office' },
  {
    cluster: 'dev',
    who: developer,
    may: true,
    verb: 'list',
    resource: 'ingressroutes.traefik.io',
    namespace: 'box-office',
  },
  { who: developer, may: false, verb: 'get', resource: 'secrets', namespace: 'box-office' },
  { who: developer, may: false, verb: 'list', resource: 'secrets', namespace: 'traefik' },
  { who: developer, may: false, verb: 'delete', resource: 'pods', namespace: 'box-office' },
  { who: developer, may: false, verb: 'patch', resource: 'deployments.apps', namespace: 'box-office' },
  { who: developer, may: false, verb: 'create', resource: 'serviceaccounts/token', namespace: 'traefik' },
  {
    who: traefik,
    may: true,
    verb: 'watch',
    resource: 'ingressroutes.traefik.io',
    namespace: 'box-office',
  },
  {
    who: traefik,
    may: true,
    verb: 'list',
    resource: 'endpointslices.discovery.k8s.io',
    namespace: 'box-office',
  },
  { who: traefik, may: false, verb: 'get', resource: 'pods', namespace: 'box-office' },
  { who: traefik, may: false, verb: 'update', resource: 'secrets', namespace: 'box-office' },
  { who: tickets, may: false, verb: 'get', resource: 'secrets', namespace: 'box-office' },
  { who: tickets, may: false, verb: 'list', resource: 'pods', namespace: 'box-office' },
];

/** The questions that the API server answers otherwise, a sentence each. */
export async function askRights(server: ApiServer, cluster: Cluster): Promise<string[]> {
  const wrong: string[] = [];
  for (const { who, may, verb, resource, namespace, ...only } of questions) {
    if (only.cluster && only.cluster !== cluster) continue;
    const where = namespace ? [`--namespace=${namespace}`] : [];
    // What follows the slash would be taken for a name.
    const [kind = '', part] = resource.split('/');
    const what = part ? [kind, `--subresource=${part}`] : [kind];
    const { stdout } = await server.kubectl(['auth', 'can-i', verb, ...what, ...where, ...who.split(' ')]);
    if ((stdout.trim() === 'yes') !== may) {
      wrong.push(
        `${who.replace('--as=', '').split(' ')[0]} ${may ? 'may not' : 'may'} ${verb} ${resource} in ${namespace ?? 'the cluster'}`,
      );
    }
  }
  return wrong;
}
