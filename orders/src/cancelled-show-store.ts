import type { Show } from '@box-office/common/contracts/shows';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import { shelfOf } from './lookup.ts';

/** A cancelled show whose orders are being ended. */
export interface CancelledShow extends mongo.Document {
  _id: string;
  /** Until when orders may appear that were decided before the show was cancelled. */
  until: Date;
  /** Up to which change of its orders they have been looked at, as an instant; empty at first. */
  readUpTo: string;
  /** Orders that could not be ended. */
  failed: string[];
  /** When to look next. A process that looks puts this off, so that others need not do the same work. */
  dueAt: Date;
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
  add(show: Show): Promise<void>;
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
  const later = () => new Date(now().getTime() + takenForMs);

  return {
    async add({ id, startsAt }) {
      const last = Math.max(Date.parse(startsAt), now().getTime());
      const $setOnInsert = { until: new Date(last + graceMs), readUpTo: '', failed: [], dueAt: now() };
      await shows.updateOne({ _id: id }, { $setOnInsert }, { upsert: true });
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
