import { Entry, orderIdFor } from '@box-office/orders/waiting/entry';
import type { Books } from './books.ts';
import { type Fields, type Pair, pages, plain, readable, type Stored, type View } from './view.ts';

/**
 * Those who wait, or have waited, and the orders that were made for them. Whoever was served has an order, and nobody
 * else has one with the id that only theirs can have.
 */
export function waitingView({ orders }: Pick<Books, 'orders'>): View {
  return {
    name: 'waiting lists and the orders made for those in them',
    holder: 'orders',
    owner: 'orders',
    money: false,

    async *pairs(ids) {
      for await (const page of pages(orders.collection('waiting'), ids)) {
        // The entries were read first: one that says it is served was served before.
        const found = page.flatMap((entry) => [orderIdFor({ id: entry._id }), entry.orderId]);
        const named = found.filter((id) => typeof id === 'string');
        const made = await orders.documents.find({ _id: { $in: named }, barred: { $exists: false } }).toArray();
        const byId = new Map(made.map((order) => [order._id, order]));
        for (const entry of page) yield paired(entry, byId);
      }
    },

    async repair({ held }) {
      if (held?.state === 'waiting')
        throw new Error('orders mends this within seconds; if it does not, its log says why');
      throw new Error('only people can tell what was meant: ask the person, and make an order or a new entry');
    },
  };
}

function paired(document: Stored, made: ReadonlyMap<string, Stored>): Pair {
  const held = readable(() => entryOf(document));
  return { id: document._id, held, owned: ownedBy(held, document, made), waits: false };
}

function entryOf(document: Stored): Fields {
  const { state, userId, showId, orderId } = Entry.parse(plain(document));
  return { state, userId, showId, orderId };
}

/** What the entry should say. */
function ownedBy(held: Fields, { _id, orderId }: Stored, made: ReadonlyMap<string, Stored>): Fields | null {
  if ('unreadable' in held) return null;
  const order = made.get(orderIdFor({ id: _id })) ?? made.get(orderId);
  if (!order) return { ...held, ...(held.state === 'served' && { state: 'waiting' }), orderId: null };
  return { state: 'served', userId: order.userId, showId: order.showId, orderId: held.orderId ?? order._id };
}
