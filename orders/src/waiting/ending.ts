import { problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Change } from '@box-office/common/store/change';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import type { Order } from '../order.ts';
import { type Entry, orderIdFor, serve } from './entry.ts';
import type { Entries } from './store.ts';

/**
 * Ends an entry without an order, unless one was made for it already: then it is served. No process makes one
 * afterwards, however slow it is.
 *
 * @throws Problem 409 `busy` when it is being served right now; 404 `not-found`
 */
export type EndEntry = (entry: Entry, decide: (entry: Entry) => Change<Entry>) => Promise<Entry>;

export function endingOf(entries: Entries, orders: Pick<Aggregates<Order>, 'bar'>): EndEntry {
  return async (entry, decide) => {
    const isBarred = entry.state === 'waiting' && entry.isTried;
    const made = isBarred ? await orders.bar(orderIdFor(entry)) : null;
    return entries.change(entry.id, (it) => {
      if (made) return serve(it, made.id);
      if (it.state === 'waiting' && it.isTried && !isBarred) throw beingServed();
      return decide(it);
    });
  };
}

/** Which of these orders are barred: nobody has made them, and nobody ever will. */
export type BarredOf = (orderIds: readonly string[]) => Promise<ReadonlySet<string>>;

export function barredIn(connection: Connection): BarredOf {
  const documents = collectionOf<{ _id: string; barred?: boolean }>(connection, 'orders');
  return async (orderIds) => {
    const filter = { _id: { $in: [...orderIds] }, barred: true };
    const found = await documents.find(filter, { projection: { _id: 1 } }).toArray();
    return new Set(found.map(({ _id }) => _id));
  };
}

const beingServed = () =>
  problem('busy', 'An order may be made for this at the moment. Please try again.', { retryAfterSeconds: 1 });
