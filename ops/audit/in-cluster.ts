import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, type Forwarded, forward } from '../cluster/kubectl.ts';
import { workload } from '../cluster/workload.ts';
import type { Addresses } from './books.ts';

export interface InCluster {
  readonly addresses: Addresses;
  end(): Promise<void>;
}

/** Where the pods have the certificate of the cluster's own authority. */
const authorityInPods = encodeURIComponent('/etc/internal-ca/ca.pem');

/**
 * The databases and Stripe as the services of a cluster have them, which takes the right to read their Secrets. Ports
 * are forwarded to what is in pods; a managed database has to trust this machine.
 *
 * @throws KubectlFailed
 */
export async function booksInCluster(cluster: Cluster): Promise<InCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-authority-'));
  const forwarded: Forwarded[] = [];
  const end = async () => {
    for (const it of forwarded) it.end();
    await rm(dir, { recursive: true, force: true });
  };

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
      .replace(authorityInPods, encodeURIComponent(join(dir, 'ca.pem')));
  }

  async function find(): Promise<Addresses> {
    const [tickets, orders, payments] = [
      await workload(cluster, 'deployment/tickets'),
      await workload(cluster, 'deployment/orders'),
      await workload(cluster, 'deployment/payments'),
    ];
    const { 'ca.pem': authority = '' } = await tickets.secretIn('internal-ca');
    await writeFile(join(dir, 'ca.pem'), authority);
    const settings = await payments.environment();
    const { MONGO_URL: ofPayments = '', STRIPE_SECRET_KEY: stripeKey = '', STRIPE_API_URL: stripeUrl } = settings;
    return {
      tickets: await fromHere((await tickets.environment()).MONGO_URL ?? ''),
      orders: await fromHere((await orders.environment()).MONGO_URL ?? ''),
      payments: await fromHere(ofPayments),
      stripeKey,
      stripeUrl: stripeUrl?.includes('//stripe-sandbox:')
        ? `http://127.0.0.1:${await portOf('deployment/stripe-sandbox', Number(new URL(stripeUrl).port))}`
        : stripeUrl,
    };
  }

  try {
    return { addresses: await find(), end };
  } catch (error) {
    await end();
    throw error;
  }
}
