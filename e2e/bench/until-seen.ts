import type { Collection } from 'mongodb';

/** Reads again and again, without a pause, until the document is there. */
export async function untilSeen<Document extends { _id: string }>(
  collection: Collection<Document>,
  id: string,
): Promise<void> {
  const deadline = Date.now() + 10_000;
  const filter: object = { _id: id };
  while (!(await collection.findOne(filter, { projection: { _id: 1 } }))) {
    if (Date.now() > deadline) throw new Error(`nobody ever saw ${id}`);
  }
}
