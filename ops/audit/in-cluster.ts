import { authorityOf } from '../cluster/authority.ts';
import { type Cluster, type Forwarded, forward, KubectlFailed } from '../cluster/kubectl.ts';
import { authorityFile } from '../cluster/tls.ts';
import { type Env, workload } from '../cluster/workload.ts';
import type { Addresses } from './books.ts';

export interface InCluster {
  readonly addresses: Addresses;
  readonly end: () => void;
}

/**
 * The databases and Stripe as the services of a cluster have them, which takes the right to read their Secrets. Ports
 * are forwarded to what is in pods; a managed database has to trust this machine.
 *
 * @throws KubectlFailed
 */
export async function booksInCluster(cluster: Cluster): Promise<InCluster> {
  const forwarded: Forwarded[] = [];
  const end = () => {
    for (const it of forwarded) it.end();
  };
  const authority = await authorityOf(cluster);

  async function portOf(target: string, port: number): Promise<number> {
    const it = await forward(cluster, target, port);
    forwarded.push(it);
    return it.port;
  }

  /** The same database, with an address that leads to it from here. */
  async function fromHere(url: string): Promise<string> {
    const [, pod] = /[@/](mongo-[a-z]+):27017/.exec(url) ?? [];
    if (!pod) return url;
    const port = await portOf(`statefulset/${pod}`, 27017);
    return url
      .replace(`${pod}:27017`, `localhost:${port}`)
      .replace(encodeURIComponent(authorityFile), encodeURIComponent(authority));
  }

  async function find(): Promise<Addresses> {
    const settingsOf = async (service: string) => (await workload(cluster, `deployment/${service}`)).environment();
    const payments = await settingsOf('payments');
    const { STRIPE_API_URL: stripeUrl } = payments;
    return {
      tickets: await fromHere(one(await settingsOf('tickets'), 'MONGO_URL')),
      orders: await fromHere(one(await settingsOf('orders'), 'MONGO_URL')),
      payments: await fromHere(one(payments, 'MONGO_URL')),
      stripeKey: one(payments, 'STRIPE_SECRET_KEY'),
      stripeUrl: stripeUrl?.includes('//stripe-sandbox:')
        ? `http://127.0.0.1:${await portOf('deployment/stripe-sandbox', Number(new URL(stripeUrl).port))}`
        : stripeUrl,
    };
  }

  try {
    return { addresses: await find(), end };
  } catch (error) {
    end();
    throw error;
  }
}

function one(settings: Env, name: string): string {
  const value = settings[name];
  if (!value) throw new KubectlFailed(`A service of the cluster has no ${name}.`, '');
  return value;
}
