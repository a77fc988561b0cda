import type { Show } from '@box-office/common/contracts/shows';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import { shelfOf } from '../lookup.ts';

/** A cancelled show whose orders are being ended. */
export interface CancelledShow extends mongo.Document {
  _id: string;
  /** Since when it has been known as cancelled; missing if an earlier release stored it. */
  since?: Date;
  /** Until when orders may appear that were decided before the show was cancelled. */
  until: Date;
  /** Up to which change of its orders they have been looked at, as an instant; empty at first. */
  readUpTo: string;
  /** Orders that could not be ended. */
  failed: string[];
  /** When to look next. A process that looks puts this off, so that others need not do the same work. */
  dueAt: Date;
}

interface KnownAsCancelled extends mongo.Document {
  _id: string;
  startsAt: string;
}

/** What is read of an order to see whether something is to be done about it. */
export interface OrderSeen {
  readonly id: string;
  readonly status: string;
  /** Whether all of its tickets have ended. */
  readonly hasEnded: boolean;
  readonly changedAt: string;
}

/** How long a process may look before others take over. */
const takenForMs = 30_000;
/** How many orders are read and ended between two bookmarks. */
const atATime = 200;
/** After its start a show has no new orders. This is how late a write may be. */
const graceMs = 10 * 60_000;

/** The cancelled shows, and what is read of their orders. */
export interface CancelledShowStore {
  /** A show that is known already stays as it is. */
  add(show: Pick<Show, 'id' | 'startsAt'>): Promise<void>;
  /** Adds those that are cancelled and not past, but were only stored as shows, as earlier releases do. */
  addMissing(): Promise<void>;
  /** The one that has been due longest, if any; nobody else gets it for half a minute. */
  take(): Promise<CancelledShow | null>;
  /** Keeps it for another while, with what was done. False if it is not there any more. */
  update(id: string, done: Partial<Omit<CancelledShow, '_id'>>): Promise<void>;
  remove(id: string): Promise<void>;
  /** Its orders that have changed since then, those that changed first before the others, a few at a time. */
  orders(id: string, since: string): AsyncGenerator<OrderSeen[], void, undefined>;
  /** Creates the index; safe to repeat. */
  prepare(): Promise<void>;
}

export function cancelledShowStore(connection: Connection, now: () => Date): CancelledShowStore {
  const shows = collectionOf<CancelledShow>(connection, 'cancelled-shows');
  const documents = collectionOf(connection, 'orders');
  const knownShows = collectionOf<KnownAsCancelled>(connection, 'known-shows');
  const later = () => new Date(now().getTime() + takenForMs);

  const add: CancelledShowStore['add'] = async ({ id, startsAt }) => {
    const last = Math.max(Date.parse(startsAt), now().getTime());
    const $setOnInsert = { since: now(), until: new Date(last + graceMs), readUpTo: '', failed: [], dueAt: now() };
    await shows.updateOne({ _id: id }, { $setOnInsert }, { upsert: true });
  };

  async function addThose(found: readonly KnownAsCancelled[]): Promise<void> {
    const ids = found.map(({ _id }) => _id);
    const known = await shows.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    const missing = found.filter(({ _id: id }) => !known.some(({ _id }) => _id === id));
    for (const { _id: id, startsAt } of missing) await add({ id, startsAt });
  }

  return {
    add,

    async addMissing() {
      const notPast = { state: 'cancelled', startsAt: { $gt: now().toISOString() } };
      let part: KnownAsCancelled[] = [];
      for await (const show of knownShows.find(notPast, { projection: { startsAt: 1 }, batchSize: atATime })) {
        part.push(show);
        if (part.length < atATime) continue;
        await addThose(part);
        part = [];
      }
      await addThose(part);
    },

    take: () =>
      shows.findOneAndUpdate({ dueAt: { $lte: now() } }, { $set: { dueAt: later() } }, { sort: { dueAt: 1 } }),

    async update(id, done) {
      await shows.updateOne({ _id: id }, { $set: { dueAt: later(), ...done } });
    },

    async remove(id) {
      await shows.deleteOne({ _id: id });
    },

    async *orders(id, since) {
      const range = { shelf: { $gte: shelfOf(id, since), $lt: shelfOf(id, '~') } };
      const projection = { status: 1, shelf: 1, 'tickets.ended': 1 };
      let part: OrderSeen[] = [];
      for await (const document of documents.find(range, { projection, batchSize: atATime }).sort({ shelf: 1 })) {
        part.push(seen(document, id));
        if (part.length < atATime) continue;
        yield part;
        part = [];
      }
      if (part.length > 0) yield part;
    },

    async prepare() {
      await shows.createIndex({ dueAt: 1 });
    },
  };
}

/** Parsed no further: an order that cannot be read is found when it is to be ended. */
function seen({ _id, status, shelf, tickets }: mongo.Document, showId: string): OrderSeen {
  const all: unknown[] = Array.isArray(tickets) ? tickets : [{}];
  const hasEnded = (ticket: unknown) =>
    typeof ticket === 'object' && ticket !== null && 'ended' in ticket && ticket.ended !== null;
  return {
    id: String(_id),
    status: String(status),
    hasEnded: all.every(hasEnded),
    changedAt: String(shelf).slice(shelfOf(showId, '').length),
  };
}
