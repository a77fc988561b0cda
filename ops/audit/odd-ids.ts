import { withoutProperId } from '@box-office/common/store/read';
import { idText } from '@box-office/common/store/unreadable';
import type { mongo } from 'mongoose';
import type { Books } from './books.ts';
import { readable, type Stored, type View } from './view.ts';

/** The collections of each service. */
export type Kept = Readonly<
  Record<'tickets' | 'orders' | 'payments', Pick<Books['tickets'], 'documents' | 'collection'>>
>;

/** Documents whose id is no text, or empty: nothing else finds them, because everything is paired by its id. */
export function oddIdViews({ tickets, orders, payments }: Kept): View[] {
  return [
    oddIdView('tickets', 'tickets', tickets.documents),
    oddIdView('orders', 'orders', orders.documents),
    oddIdView('payments', 'payments', payments.documents),
    oddIdView('tickets', 'shows', tickets.collection('shows')),
    oddIdView('tickets', 'units', tickets.collection('units')),
    oddIdView('orders', 'known-tickets', orders.collection('known-tickets')),
    oddIdView('orders', 'known-shows', orders.collection('known-shows')),
    oddIdView('orders', 'waiting', orders.collection('waiting')),
    oddIdView('payments', 'payable-orders', payments.collection('payable-orders')),
  ];
}

function oddIdView(holder: string, collection: string, documents: mongo.Collection<Stored>): View {
  return {
    name: `ids in ${holder}’ collection ${collection}`,
    holder,
    owner: 'nobody',
    money: false,

    async *pairs(ids) {
      const odd = documents.find({ ...withoutProperId, barred: { $exists: false } });
      for await (const { _id, outbox: _, ...fields } of odd) {
        const id = idText(_id);
        const says = ['Its id is no text, or is empty, so no service can find it.'];
        if (!ids || ids.includes(id)) yield { id, held: readable(() => fields), owned: null, waits: false, says };
      }
    },

    async repair() {
      throw new Error('only people can tell what it is: remove it, or store it again under its proper id');
    },
  };
}
