import { newObjectId } from '@box-office/common/object-id';
import { type AggregateKind, type Aggregates, aggregates } from '@box-office/common/store/aggregates';
import type { Versioned } from '@box-office/common/store/change';
import { collectionOf, connectStore } from '@box-office/common/store/mongo';
import { createLogger } from '@box-office/common/telemetry/logger';
import { current as currentOrder, Order, snapshot as orderSnapshot } from '@box-office/orders/order';
import { current as currentPayment, Payment, snapshot as paymentSnapshot } from '@box-office/payments/payment';
import { connectStripe } from '@box-office/payments/stripe';
import { current as currentShow, Show, snapshot as showSnapshot } from '@box-office/tickets/shows/show';
import { current as currentTicket, Ticket, snapshot as ticketSnapshot } from '@box-office/tickets/ticket';
import type { Connection, mongo } from 'mongoose';
import type Stripe from 'stripe';
import type { Stored } from './view.ts';

export interface Addresses {
  readonly tickets: string;
  readonly orders: string;
  readonly payments: string;
  readonly stripeKey: string;
  /** The API's address, if it is not Stripe's own. */
  readonly stripeUrl?: string | undefined;
}

/** What one service owns, and its other collections. */
export interface Owner<State extends Versioned> {
  readonly documents: mongo.Collection<Stored>;
  readonly store: Aggregates<State>;
  readonly collection: (name: string) => mongo.Collection<Stored>;
}

/** All that is compared. */
export interface Books {
  readonly tickets: Owner<Ticket>;
  readonly shows: Owner<Show>;
  readonly orders: Owner<Order>;
  readonly payments: Owner<Payment>;
  readonly stripe: Stripe;
  close(): Promise<void>;
}

/** @throws when one of the databases does not answer within `withinMs`, by default 2 s */
export async function openBooks(at: Addresses, withinMs?: number): Promise<Books> {
  const opened: Connection[] = [];
  const close = async () => {
    await Promise.all(opened.map((it) => it.close()));
  };
  const connect = async (name: string, url: string) => {
    const connection = await connectStore(url, 'audit', withinMs).catch((error: unknown) => {
      throw new Error(`the database of ${name} does not answer`, { cause: error });
    });
    opened.push(connection);
    return connection;
  };
  try {
    const [tickets, orders, payments] = [
      await connect('tickets', at.tickets),
      await connect('orders', at.orders),
      await connect('payments', at.payments),
    ];
    return {
      tickets: owner(tickets, {
        collection: 'tickets',
        state: Ticket,
        snapshot: ticketSnapshot,
        current: currentTicket,
      }),
      shows: owner(tickets, { collection: 'shows', state: Show, snapshot: showSnapshot, current: currentShow }),
      orders: owner(orders, { collection: 'orders', state: Order, snapshot: orderSnapshot, current: currentOrder }),
      payments: owner(payments, {
        collection: 'payments',
        state: Payment,
        snapshot: paymentSnapshot,
        current: currentPayment,
      }),
      stripe: connectStripe(at.stripeKey, at.stripeUrl),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The audit reports unreadable documents itself, so they are not logged. */
const logger = createLogger({ name: 'audit', level: 'silent' });

/** It publishes nothing: the owner's relay finds what is written to an outbox here within seconds. */
const ownersRelay = { offer: () => false, watch: async () => undefined };

function owner<State extends Versioned>(connection: Connection, kind: AggregateKind<State>): Owner<State> {
  const collection = (name: string) => collectionOf<Stored>(connection, name);
  const parts = { connection, relay: ownersRelay, now: () => new Date(), newId: newObjectId, logger };
  return { documents: collection(kind.collection), store: aggregates(kind, parts), collection };
}
