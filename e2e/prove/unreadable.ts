import { type MongoClient, ObjectId } from 'mongodb';

/**
 * Inserts documents that no release could have written among the tickets on sale, the overdue orders and the open
 * payments: each lacks a required field. They are marked as planted and not judged; their neighbours are.
 */
export async function plantUnreadable(mongo: MongoClient): Promise<void> {
  const long = '2020-01-01T00:00:00.000Z';
  const ticketId = new ObjectId().toHexString();
  await plantLike(mongo, 'tickets', {
    title: 'Seat that nobody can read',
    venue: null,
    startsAt: null,
    withdrawn: false,
    hold: null,
  });
  await plantLike(mongo, 'orders', { status: 'created', expiresAt: long, ticketId, attempt: 1, title: 'Seat' });
  await plantLike(mongo, 'payments', { status: 'pending', since: long, stripeId: null });
}

/** Owned by a user of the crowd, so that it belongs to the lists they request. */
async function plantLike(mongo: MongoClient, service: string, fields: object): Promise<void> {
  const documents = mongo.db(service).collection<{ _id: string; userId?: string }>(service);
  const { userId = 'nobody' } = (await documents.findOne({}, { sort: { _id: -1 } })) ?? {};
  const common = { version: 0, userId, price: 'much', currency: 'kwd', outbox: [], planted: true };
  await documents.insertOne({ _id: new ObjectId().toHexString(), ...common, ...fields });
}
