import type { Order as OrderSnapshot } from '@box-office/common/contracts/orders';
import type { Payment as PaymentSnapshot } from '@box-office/common/contracts/payments';
import type { Show as ShowSnapshot } from '@box-office/common/contracts/shows';
import type { Ticket as TicketSnapshot } from '@box-office/common/contracts/tickets';
import type { WaitingEntry } from '@box-office/common/contracts/waiting';
import { publicVersion } from '@box-office/common/store/stored-version';
import type { Stripe } from '@box-office/local/service-env';
import { Order, snapshot as orderSnapshot } from '@box-office/orders/order';
import { Entry, snapshot as entrySnapshot } from '@box-office/orders/waiting/entry';
import { Payment, snapshot as paymentSnapshot } from '@box-office/payments/payment';
import { Show, snapshot as showSnapshot } from '@box-office/tickets/shows/show';
import type { StoredUnit } from '@box-office/tickets/shows/unit';
import { Ticket, snapshot as ticketSnapshot } from '@box-office/tickets/ticket';
import type { Document, MongoClient } from 'mongodb';
import type { Away } from './faults.ts';
import type { Command } from './history.ts';
import type { ReceivedMail } from './mail-server.ts';
import { type Announcement, copied, owned } from './observer.ts';
import { type Intent, stripeSide } from './stripe-side.ts';

export type Unit = Pick<StoredUnit, 'showId' | 'kindId' | 'state'> & {
  readonly id: string;
  readonly hold: { readonly orderId: string; readonly refundedAt: string | null } | null;
};

/** Everything that the checker looks at. */
export interface Evidence {
  readonly tickets: readonly TicketSnapshot[];
  readonly shows: readonly ShowSnapshot[];
  /** The tickets of shows. */
  readonly units: readonly Unit[];
  readonly orders: readonly OrderSnapshot[];
  readonly payments: readonly PaymentSnapshot[];
  /** Places in waiting lists. */
  readonly entries: readonly WaitingEntry[];
  /** Documents whose outbox is not empty, as `collection/id`. */
  readonly unannounced: readonly string[];
  /** Payments with a refund that was asked for, and neither made nor refused. */
  readonly refundsDue: readonly string[];
  /** orders' copy of tickets. */
  readonly knownTickets: readonly unknown[];
  /** orders' copy of shows. */
  readonly knownShows: readonly unknown[];
  /** payments' copy of orders. */
  readonly payableOrders: readonly unknown[];
  readonly intents: readonly Intent[];
  /** The money of each show as its organiser is shown it at the end, by the ids of the shows. */
  readonly sales: ReadonlyMap<string, number>;
  /** What the crowd's mail server has received, in that order. */
  readonly mails: readonly ReceivedMail[];
  /** Mails that are to be sent, now or later. */
  readonly unsent: readonly string[];
  /** The address of each person, by id. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly announcements: readonly Announcement[];
  /** Whether a stream was wiped or rewound: then earlier versions may be lost, but not the last ones. */
  readonly streamsLost: boolean;
  readonly regressions: readonly string[];
  readonly looks: number;
  readonly commands: readonly Command[];
  /** What the times of the commands count from, in ms since 1970. */
  readonly commandsFromMs: number;
  /** Every route as every role that may not use it; each must be tried. */
  readonly cells: readonly string[];
  /** Whether no process was killed, paused or lost anything. */
  readonly calm: boolean;
  /** How many processes each service has. */
  readonly replicas: number;
  /** When each process was down or stopped. */
  readonly away: readonly Away[];
  /** Processes that ended by themselves. */
  readonly died: readonly string[];
}

export type Stored = Pick<
  Evidence,
  | 'tickets'
  | 'shows'
  | 'units'
  | 'orders'
  | 'payments'
  | 'entries'
  | 'unannounced'
  | 'refundsDue'
  | 'knownTickets'
  | 'knownShows'
  | 'payableOrders'
  | 'intents'
  | 'mails'
  | 'unsent'
  | 'addresses'
>;

/** The current state of the databases and of Stripe. */
export async function stored(mongo: MongoClient, stripe: Stripe, received: readonly ReceivedMail[]): Promise<Stored> {
  // A barred id is not an aggregate: it only prevents one from being created. Planted documents cannot be parsed.
  const all = (database: string, collection: string) =>
    mongo
      .db(database)
      .collection(collection)
      .find({ barred: { $exists: false }, planted: { $exists: false } })
      .toArray();
  const [tickets, shows, units, orders, payments, entries, knownTickets, knownShows, payableOrders, intents] =
    await Promise.all([
      all('tickets', owned.tickets),
      all('tickets', 'shows'),
      all('tickets', 'units'),
      all('orders', owned.orders),
      all('payments', owned.payments),
      all('orders', 'waiting'),
      all('orders', copied.orders),
      all('orders', 'known-shows'),
      all('payments', copied.payments),
      stripeSide(stripe),
    ]);
  const queued = await mongo
    .db('mail')
    .collection('mails')
    .find({ dueAt: { $exists: true } })
    .toArray();
  const accounts = await mongo
    .db('auth')
    .collection('accounts')
    .find({}, { projection: { email: 1 } })
    .toArray();
  const unannounced = Object.entries({ tickets, shows, orders, payments, entries }).flatMap(([name, documents]) =>
    documents.filter(({ outbox }) => outbox?.length > 0).map(({ _id }) => `${name}/${_id}`),
  );
  const paid = payments.map((document) => Payment.parse(fieldsOf(document)));
  return {
    tickets: tickets.map((document) => ticketSnapshot(Ticket.parse(fieldsOf(document)))),
    shows: shows.map((document) => showSnapshot(Show.parse(fieldsOf(document)))),
    units: units.map(({ _id, showId, kindId, state, hold }) => ({ id: String(_id), showId, kindId, state, hold })),
    orders: orders.map((document) => orderSnapshot(Order.parse(fieldsOf(document)))),
    payments: paid.map(paymentSnapshot),
    entries: entries.map((document) => entrySnapshot(Entry.parse(fieldsOf(document)))),
    unannounced,
    refundsDue: paid.filter(isRefundDue).map(({ id }) => id),
    knownTickets: knownTickets.map(fieldsOf),
    knownShows: knownShows.map(fieldsOf),
    payableOrders: payableOrders.map(fieldsOf),
    intents,
    mails: [...received],
    unsent: queued.map(({ _id }) => String(_id)),
    addresses: Object.fromEntries(accounts.map(({ _id, email }) => [String(_id), String(email)])),
  };
}

const isRefundDue = ({ status, refundWanted, partRefunds }: Payment): boolean =>
  status === 'captured' && (refundWanted || partRefunds.some(({ made }) => !made));

function fieldsOf(document: Document): Document {
  const { _id, outbox: _, publicVersion: __, ...fields } = document;
  return { ...fields, id: String(_id), version: publicVersion(document) };
}
