import { publicVersion, versionFields } from '@box-office/common/store/stored-version';
import { Order, snapshot as orderSnapshot } from '@box-office/orders/order';
import { holdOf } from '@box-office/tickets/listeners';
import type { Hold } from '@box-office/tickets/ticket';
import type { Books } from './books.ts';
import {
  type Fields,
  mustBeReadable,
  type Pair,
  pages,
  plain,
  readable,
  type Stored,
  type View,
  waiting,
} from './view.ts';

/** Who holds a ticket: tickets follows the last order of each ticket, and stores its state inside the ticket. */
export function holdView({ tickets, orders }: Books): View {
  return {
    name: 'tickets’ view of orders',
    holder: 'tickets',
    owner: 'orders',
    money: false,

    async *pairs(ids) {
      for await (const page of pages(tickets.documents, ids)) {
        const last = await lastOrders(page.map(({ _id }) => _id));
        for (const ticket of page) yield paired(ticket._id, ticket, last.get(ticket._id));
      }
      for await (const gone of ticketsGone(ids)) {
        for (const [id, order] of await lastOrders(gone)) yield paired(id, null, order);
      }
    },

    async repair(pair) {
      mustBeReadable(pair);
      const { id, held, owned } = pair;
      if ((await missing([id])).length > 0) throw new Error('the ticket itself is gone');
      if (held) await forget(id, held, owned);
      if (owned) await orders.store.announce(String(owned.orderId));
      else await tickets.store.announce(id);
    },
  };

  async function missing(ids: readonly string[]): Promise<string[]> {
    const left = new Set(ids);
    for await (const page of pages(tickets.documents, ids)) for (const { _id } of page) left.delete(_id);
    return [...left];
  }

  /** Which of these tickets, or of all single tickets that were ordered, no longer exist. */
  async function* ticketsGone(ids?: readonly string[]): AsyncGenerator<string[]> {
    if (ids) {
      yield missing(ids);
      return;
    }
    const told = new Set<string>();
    for await (const page of pages(orders.documents)) {
      const single = page.filter(({ showId }) => typeof showId !== 'string');
      const gone = (await missing(single.map(({ ticketId }) => String(ticketId)))).filter((id) => !told.has(id));
      for (const id of gone) told.add(id);
      yield gone;
    }
  }

  async function lastOrders(ticketIds: readonly string[]): Promise<Map<string, Stored>> {
    const found = await orders.documents.find({ ticketId: { $in: ticketIds } }).toArray();
    const rising = found.toSorted((a, b) => a.attempt - b.attempt);
    return new Map(rising.map((order) => [order.ticketId, order]));
  }

  /** Counts as a write, so that a service that is changing the ticket notices it, and announces nothing. */
  async function forget(id: string, held: Fields, owned: Fields | null): Promise<void> {
    const ticket = await tickets.documents.findOne({ _id: id });
    if (!ticket || JSON.stringify(heldBy(ticket, owned)) !== JSON.stringify(held)) return;
    const { version } = ticket;
    await tickets.documents.updateOne(
      { _id: id, version },
      { $set: { hold: owned && before(owned), ...versionFields(version + 1, Number(publicVersion(ticket))) } },
    );
  }
}

function paired(id: string, ticket: Stored | null, order: Stored | undefined): Pair {
  const owned = order ? readable(() => holdOf(orderSnapshot(Order.parse(plain(order))))) : null;
  return { id, held: ticket ? heldBy(ticket, owned) : null, owned, waits: waiting(order) };
}

/**
 * The hold, with the order's version in place of an earlier one: an order's event that leaves the hold as it is is not
 * stored. A later version than the order's is not right, because it would keep out the order's next events.
 */
function heldBy(ticket: Stored, owned: Fields | null): Fields | null {
  if (!ticket.hold) return null;
  const hold = lastOf(plain(ticket).hold as Hold);
  const isKnown = Number(hold.version) < Number(owned?.version);
  return isKnown ? { ...hold, version: owned?.version } : hold;
}

/** What the ticket says of its last order, which may be buying it from its holder. */
function lastOf(hold: Hold): Fields {
  if (!hold.buying) return hold;
  const { isLive, ...buying } = hold.buying;
  return { ...buying, status: isLive ? 'live' : 'ended', refundedAt: null };
}

/**
 * The ticket's hold before the order's last event. An order with an earlier event was live until then, so nobody can
 * reserve the ticket meanwhile.
 */
function before(owned: Fields): Fields | null {
  const version = Number(owned.version);
  return version === 0 ? null : { ...owned, version: version - 1, status: 'live' };
}
