import { showPrice } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';
import { allTicketsOf } from '@box-office/orders/ended';
import { shelfOf } from '@box-office/orders/lookup';
import { Order, type StoredTicket } from '@box-office/orders/order';
import { refundedTickets, refundFailedTickets } from '@box-office/payments/part-refund';
import { Payment } from '@box-office/payments/payment';
import type { Books } from './books.ts';
import { type Fields, joined, type Pair, plain, readable, type Stored, type View, waiting } from './view.ts';

/** What follows from the end of a ticket: its show was cancelled, or it was resold. */
export const endedViews = (books: Books): View[] => [cancelledView(books), owedView(books)];

/** A cancelled show ends all of its orders. */
function cancelledView({ shows, orders }: Books): View {
  return {
    name: 'orders of cancelled shows',
    holder: 'orders',
    owner: 'tickets',
    money: false,

    async *pairs(ids) {
      for await (const show of shows.documents.find({ state: 'cancelled' }, { projection: { title: 1 } })) {
        const shelf = { $gte: shelfOf(show._id, ''), $lt: shelfOf(show._id, '~') };
        const only = ids ? { _id: { $in: [...ids] } } : {};
        for await (const order of orders.documents.find({ shelf, ...only })) yield left(show, order);
      }
    },

    /** Orders hears of the cancellation once more. */
    async repair({ id }) {
      const order = await orders.documents.findOne({ _id: id });
      await shows.store.announce(String(order?.showId));
    },
  };
}

function left(show: Stored, document: Stored): Pair {
  const id = document._id;
  const held = readable(() => openIn(Order.parse(plain(document))));
  const owned = { reserved: 0, open: 0 };
  const name = `The show “${show.title}” (${show._id}) is cancelled`;
  const says: string[] = [];
  if (Number(held.reserved) > 0) says.push(`${name}, and this order still reserves tickets of it.`);
  if (Number(held.open) > 0) {
    says.push(`${name}, and ${held.open} of the tickets that were bought with this order have not ended.`);
  }
  return { id, held, owned, waits: waiting(document), says };
}

/** How many tickets of an order should not be there any more. One that is being paid is left to its payment. */
function openIn(order: Order): { reserved: number; open: number } {
  const tickets = allTicketsOf(order);
  return {
    reserved: order.status === 'created' ? tickets.length : 0,
    open: order.status === 'complete' ? tickets.filter(({ ended }) => ended === null).length : 0,
  };
}

/** The buyer of a ticket that has ended gets back what it cost, or what the next has paid for it if that is less. */
function owedView({ orders, payments }: Books): View {
  return {
    name: 'refunds of tickets that have ended',
    holder: 'payments',
    owner: 'orders',
    money: true,

    async *pairs(ids) {
      for await (const [payment, order] of joined(payments.documents, orders.documents, ids)) {
        const { data } = Order.safeParse(order && plain(order));
        // An order that cannot be read is found where it is compared with its copy.
        const ended = data ? allTicketsOf(data).filter(({ ended, price, owed }) => ended && (owed ?? price) > 0) : [];
        if (data && ended.length > 0) yield owed(data, ended, payment, waiting(order));
      }
    },

    async repair({ id }) {
      await orders.store.announce(id);
    },
  };
}

function owed(order: Order, ended: readonly StoredTicket[], document: Stored | undefined, waits: boolean): Pair {
  const { id, currency } = order;
  const owned = { refunded: ended.map((ticket) => ticket.id) };
  if (!document) return { id, held: null, owned, waits, says: ['There is no payment, so nothing can be refunded.'] };
  const read = readable(() => Payment.parse(plain(document)));
  if ('unreadable' in read) return { id, held: read, owned, waits };
  const payment = Payment.parse(read);
  const missing = ended.filter((ticket) => !isBack(payment, ticket.id));
  const held: Fields = { refunded: owned.refunded.filter((it) => isBack(payment, it)) };
  return { id, held, owned, waits, says: missing.map((ticket) => sentence(payment, ticket, currency)) };
}

/** With the buyer: refunded by itself or with everything, or through the buyer's bank. */
const isBack = (payment: Payment, ticketId: string): boolean =>
  payment.status === 'refunded' || payment.dispute?.status === 'lost' || refundedTickets(payment).includes(ticketId);

function sentence(payment: Payment, { id, price, owed, ended }: StoredTicket, currency: Currency): string {
  const why = ended === 'resold' ? 'was resold' : 'is for a cancelled show';
  const name = `The ticket ${id} ${why}, and its buyer has not got ${showPrice(owed ?? price, currency)} back:`;
  if (refundFailedTickets(payment).includes(id)) {
    const isRefused = payment.refusedTickets.some(({ ticketId }) => ticketId === id);
    return `${name} ${isRefused ? 'Stripe refused the refund' : 'the bank returned the refund'}.`;
  }
  const isPending = payment.partRefunds.some(({ ticketId, made }) => ticketId === id && !made);
  if (!isPending) return `${name} payments does not know of it.`;
  return `${name} ${payment.postponed ? 'the refund waits for balance at Stripe' : 'the refund has yet to be made'}.`;
}
