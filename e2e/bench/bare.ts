import { AckPolicy, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import { MongoClient } from 'mongodb';
import { type Path, timed } from './measure.ts';
import { untilSeen } from './until-seen.ts';

interface Bare {
  readonly run: Path;
  close(): Promise<unknown>;
}

const options = { writeConcern: { w: 'majority', journal: true } } as const;
const ticket = (id: string) => ({
  _id: id,
  version: 0,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
  userId: 'seller',
});

/** The bare cost of storing a ticket: one acknowledged, journaled insert. */
export async function bareInsert(mongoUrl: string): Promise<Bare> {
  const client = await new MongoClient(mongoUrl, options).connect();
  const tickets = client.db('bench').collection<{ _id: string }>('tickets');
  let count = 0;
  return {
    run: () => timed(() => tickets.insertOne(ticket(`bare-${process.pid}-${count++}`))),
    close: () => client.close(),
  };
}

/**
 * The bare cost of informing another service: one publish to a file stream and one consumer that upserts by version,
 * until a reader sees it. The clock starts after the insert, as it does for the platform, whose answer comes after its
 * write.
 */
export async function bareHop(mongoUrl: string, operator: ConnectionOptions): Promise<Bare> {
  const client = await new MongoClient(mongoUrl, options).connect();
  const connection = await connect(operator);
  const js = jetstream(connection);
  const jsm = await jetstreamManager(connection);
  await jsm.streams.add({ name: 'bench', subjects: ['bench.>'], storage: StorageType.File });
  await jsm.consumers.add('bench', { durable_name: 'bench', ack_policy: AckPolicy.Explicit });
  const orders = client.db('bench').collection<{ _id: string }>('orders');
  const copies = client.db('bench').collection<{ _id: string; version: number }>('copies');

  const messages = await (await js.consumers.get('bench', 'bench')).consume();
  const consuming = (async () => {
    for await (const message of messages) {
      const { _id, ...fields } = message.json<ReturnType<typeof ticket>>();
      await copies.replaceOne({ _id, version: { $lt: fields.version } }, fields, { upsert: true });
      message.ack();
    }
  })();

  let count = 0;
  return {
    async run() {
      const order = ticket(`order-${process.pid}-${count++}`);
      await orders.insertOne(order);
      return timed(async () => {
        await js.publish(`bench.${order._id}.created`, JSON.stringify(order));
        await untilSeen(copies, order._id);
      });
    },
    async close() {
      await messages.close();
      await consuming;
      await connection.close();
      await client.close();
    },
  };
}
