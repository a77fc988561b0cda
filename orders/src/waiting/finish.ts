import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Order } from '../order.ts';
import type { BarredOf } from './ending.ts';
import { type Entry, leave, orderIdFor, serve } from './entry.ts';
import type { Entries } from './store.ts';

export interface FinishingParts {
  readonly entries: Entries;
  readonly orders: Pick<Aggregates<Order>, 'query'>;
  readonly barredOf: BarredOf;
  /** Keeps one entry that fails from stopping the others. */
  readonly guarded: (about: object, task: () => Promise<unknown>) => Promise<unknown>;
}

/**
 * Ends entries that a process which died, or lost the database, could not end: their order was made, or barred.
 * Resolves with those whose order is barred, for whom nobody can be served any more.
 */
export type Finish = () => Promise<ReadonlySet<string>>;

const readAtOnce = 200;

export function finishing({ entries, orders, barredOf, guarded }: FinishingParts): Finish {
  /** As of the last time. */
  let barred: ReadonlySet<string> = new Set();

  const isServed = (entry: Entry) =>
    guarded({ entryId: entry.id }, () => entries.change(entry.id, (it) => serve(it, orderIdFor(entry))));

  const hasLeft = (entry: Entry) => guarded({ entryId: entry.id }, () => entries.change(entry.id, leave));

  /** @returns those whose order was found to be barred for the first time */
  async function finishThose(some: readonly Entry[]): Promise<string[]> {
    const ids = some.map(orderIdFor);
    const made = new Set((await orders.query({ _id: { $in: ids } })).map(({ id }) => id));
    const ending = await barredOf(ids);
    const found: string[] = [];
    for (const entry of some) {
      const orderId = orderIdFor(entry);
      if (made.has(orderId)) await isServed(entry);
      else if (!ending.has(orderId)) continue;
      // Whoever barred it may be about to say why, so that one gets until the next round.
      else if (barred.has(entry.id)) await hasLeft(entry);
      else found.push(entry.id);
    }
    return found;
  }

  return async () => {
    const found = new Set<string>();
    let some: Entry[] = [];
    const next = async () => {
      for (const id of await finishThose(some)) found.add(id);
      some = [];
    };
    for await (const entry of entries.each({ trying: true })) {
      if (some.push(entry) === readAtOnce) await next();
    }
    if (some.length > 0) await next();
    barred = found;
    return found;
  };
}
