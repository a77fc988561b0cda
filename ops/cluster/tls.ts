import { issue, newAuthority, type Pair } from '@box-office/local/certificates';
import { storing } from '../../services.ts';

/** Where services find the certificate of the cluster's own authority: base/internal-ca.yml mounts its Secret. */
export const authorityFile = '/etc/internal-ca/ca.pem';

/**
 * Long, because a certificate that ends unnoticed stops everything at once, and only the owner of the authority's key
 * could use the time. They are renewed by people: see docs/operations.md.
 */
const authorityDays = 20 * 365;
const serverDays = 10 * 365;

/** The host names of a server in the cluster. People reach it as localhost, through a forwarded port or in its pod. */
const hosts: Readonly<Record<'nats' | 'mongo', ReadonlyMap<string, readonly string[]>>> = {
  nats: new Map([
    ['tls-nats', ['nats', 'nats-0.nats-headless', 'nats-1.nats-headless', 'nats-2.nats-headless', 'localhost']],
  ]),
  mongo: new Map(storing.map((service) => [`tls-mongo-${service}`, [`mongo-${service}`, 'localhost']])),
};

/** The servers with TLS, by the names of their Secrets. Databases are in pods in development alone. */
export const serversOf = (cluster: 'dev' | 'prod'): ReadonlyMap<string, readonly string[]> =>
  new Map([...hosts.nats, ...(cluster === 'dev' ? hosts.mongo : [])]);

export const newInternalAuthority = (): Promise<Pair> => newAuthority('Box Office, internal', authorityDays);

/**
 * The files of the Secrets for TLS, by name without `.pem`: the certificate of the authority, and of each server its
 * certificate with its key.
 */
export function tlsFiles(
  cluster: 'dev' | 'prod',
  authority: () => Promise<Pair>,
): ReadonlyMap<string, () => Promise<string>> {
  const ofServer = async (names: readonly string[]) => {
    const { certificate, key } = await issue(await authority(), names, serverDays);
    return certificate + key;
  };
  return new Map([
    ['internal-ca', async () => (await authority()).certificate],
    ...[...serversOf(cluster)].map(([name, names]) => [name, () => ofServer(names)] as const),
  ]);
}

/** The generator of the Secret that is made from a file: settings of a `.env`, or PEM. */
export function generatorOf(file: string, namespace: string): object {
  const name = file.replace(/\.(env|pem)$/, '');
  if (file.endsWith('.env')) return { name, namespace, envs: [file] };
  return { name, namespace, files: [`${name === 'internal-ca' ? 'ca' : 'tls'}.pem=${file}`] };
}
