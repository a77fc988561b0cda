import { join, resolve } from 'node:path';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { localSecrets } from '@box-office/local/secrets';
import { authorityOf } from '../cluster/authority.ts';
import { type Cluster, clusterOf, forward } from '../cluster/kubectl.ts';
import { workload } from '../cluster/workload.ts';
import { oneLine } from './print.ts';

/** The command cannot be run; the message says why. */
export class Refused extends Error {}

export interface Where {
  readonly nats: string | undefined;
  readonly state: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * Does something with the broker that is meant, as its operator.
 *
 * @throws Refused when there is none; KubectlFailed
 */
export async function withBus(where: Where, act: (bus: Bus) => Promise<void>): Promise<void> {
  const cluster = clusterOf(where);
  if (cluster && (where.nats ?? where.state) !== undefined)
    throw new Refused('Either --context, or --nats or --state.');
  if (cluster) return inCluster(cluster, act);
  await closing(await connect(await brokerHere(where)), act);
}

interface Broker {
  readonly url: string;
  /** Of the operator, who may do everything. */
  readonly seed: string | undefined;
  readonly caFile?: string | undefined;
}

async function brokerHere({ nats, state }: Where): Promise<Broker> {
  const named = nats ?? (state === undefined ? process.env.NATS_URL : undefined);
  if (named) {
    if (!URL.canParse(named) || !new URL(named).host)
      throw new Refused(`"${named}" is no address of a broker; one looks like nats://127.0.0.1:4222.`);
    const { NATS_SEED: seed, NATS_CA: caFile } = process.env;
    return { url: named, seed: seed || undefined, caFile: caFile || undefined };
  }
  const dir = resolve(state ?? join(localDir, 'state'));
  const holder = holderOf(`${dir}.lock`);
  if (!holder)
    throw new Refused('No platform is running here. Run npm start first, or name a broker by --nats URL or --context.');
  if (typeof holder.natsUrl !== 'string')
    throw new Refused(`The platform of process ${holder.pid} is only being started; its broker is not known yet.`);
  const { natsSeeds } = await localSecrets(join(dir, 'secrets.json'));
  return { url: holder.natsUrl, seed: natsSeeds[operatorName] };
}

/** With the operator's seed and the authority's certificate, which take the right to read Secrets. */
async function inCluster(cluster: Cluster, act: (bus: Bus) => Promise<void>): Promise<void> {
  const nats = await workload(cluster, 'statefulset/nats');
  const { NATS_SEED: seed } = await nats.secretBehind('NKEY_OPERATOR');
  const caFile = await authorityOf(cluster);
  const { port, end } = await forward(cluster, 'statefulset/nats', 4222);
  try {
    await closing(await connect({ url: `tls://localhost:${port}`, seed, caFile }), act);
  } finally {
    end();
  }
}

async function connect({ url, ...options }: Broker): Promise<Bus> {
  try {
    // Long, for a command does not try again.
    return await connectBus(url, operatorName, { ...options, withinMs: 20_000 });
  } catch (error) {
    throw new Refused(
      `No broker with JetStream answers at ${new URL(url).host}: ${oneLine(Error.isError(error) ? error.message : String(error))}.`,
    );
  }
}

async function closing(bus: Bus, act: (bus: Bus) => Promise<void>): Promise<void> {
  try {
    await act(bus);
  } finally {
    await bus.close();
  }
}
