import { newObjectId } from '@box-office/common/object-id';
import type { Books } from '@box-office/ops/audit/books';
import type { Fields, Stored } from '@box-office/ops/audit/view';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Corrupts so many random copies, each in one random way. Returns their names as the audit gives them. */
export async function corruptCopies(books: Books, count: number, seed: number): Promise<string[]> {
  const random = xoroshiro128plus(seed);
  const below = (limit: number) => uniformInt(random, 0, limit - 1);
  const collections = {
    'orders’ copy of tickets': books.orders.collection('known-tickets'),
    'payments’ copy of orders': books.payments.collection('payable-orders'),
    'tickets’ view of orders': books.tickets.documents,
  };
  const all: { view: keyof typeof collections; document: Stored }[] = [];
  for (const view of Object.keys(collections) as (keyof typeof collections)[]) {
    for (const document of await collections[view].find().sort({ _id: 1 }).toArray()) all.push({ view, document });
  }
  const corrupt: string[] = [];
  while (corrupt.length < count) {
    const [chosen] = all.splice(below(all.length), 1);
    if (!chosen) throw new Error(`there are no ${count} copies`);
    const { view, document } = chosen;
    const [documents, _id, way] = [collections[view], document._id, below(5)];
    if (view === 'tickets’ view of orders') {
      const holds = { orderId: newObjectId(), attempt: 1, version: 0, status: 'live' };
      // A lower version is sound: an event of the order that leaves the hold as it is is not stored.
      const hold = document.hold ? spoilt(document.hold, way === 1 ? 0 : way, 'status', 'nonsense') : holds;
      await documents.updateOne({ _id }, { $set: { hold } });
      corrupt.push(`${view}/${_id}`);
      continue;
    }
    const superfluous = newObjectId();
    if (way === 4) await documents.insertOne({ ...document, _id: superfluous });
    else if (way === 3) await documents.deleteOne({ _id });
    else {
      const field = (['userId', 'title', 'ticket', 'state', 'stray'] as const)[below(5)] ?? 'userId';
      await documents.replaceOne({ _id }, spoilt(document, way, field, 'wrong') ?? {});
    }
    corrupt.push(`${view}/${way === 4 ? superfluous : _id}`);
  }
  return corrupt;
}

/** A wrong field; a version too low, or too high; nothing at all. */
function spoilt(document: Fields, way: number, field: string, value: unknown): Fields | null {
  const version = Number(document.version);
  if (way === 0) return { ...document, [field]: value };
  if (way === 1) return { ...document, version: version - 1 };
  return way === 2 ? { ...document, version: version + 7 } : null;
}
