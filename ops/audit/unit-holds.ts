import { Order as OrderSnapshot } from '@box-office/common/contracts/orders';
import { shelfOf } from '@box-office/orders/lookup';
import { Order, snapshot } from '@box-office/orders/order';
import { refundsIn, type UnitRefund } from '@box-office/tickets/shows/refunds';
import type { UnitHold } from '@box-office/tickets/shows/unit';
import type { Books } from './books.ts';
import { type Fields, type Pair, pages, plain, type Stored, type View, waiting } from './view.ts';

/** The last order of a ticket of a show, as far as the ticket is concerned. */
interface LastOrder {
  readonly attempt: number;
  readonly owned: Fields;
  readonly waits: boolean;
}

/** Who holds the tickets of shows: tickets stores the state of the last order of each in the ticket. */
export function unitHoldView({ tickets, shows, orders }: Books): View {
  const units = tickets.collection('units');
  return {
    name: 'tickets’ view of orders for shows',
    holder: 'tickets',
    owner: 'orders',
    money: false,

    async *pairs(ids) {
      const asked = ids && new Set(ids);
      for await (const showId of ids ? showsOf(ids) : allShows()) {
        // The tickets are read first: what they say can then only be older than the orders.
        const found = new Map<string, Fields | null>();
        for await (const unit of units.find({ showId })) found.set(unit._id, heldBy(unit));
        const last = await lastOrders(showId);
        for (const id of new Set([...found.keys(), ...last.keys()])) {
          if (!asked || asked.has(id)) yield paired(id, found.get(id) ?? null, last.get(id));
        }
      }
    },

    async repair({ id, owned }) {
      if (!owned) throw new Error('no order has ever had it');
      // Otherwise what is announced again would count as known already.
      await units.updateOne({ _id: id }, { $set: { heard: 0 } });
      await orders.store.announce(String(owned.orderId));
    },
  };

  async function* allShows(): AsyncGenerator<string> {
    for await (const page of pages(shows.documents)) for (const { _id } of page) yield _id;
  }

  async function* showsOf(ids: readonly string[]): AsyncGenerator<string> {
    const theirs = [
      ...(await units.distinct('showId', { _id: { $in: [...ids] } })),
      ...(await orders.documents.distinct('showId', { 'tickets.id': { $in: [...ids] } })),
    ];
    yield* new Set(theirs.filter((id): id is string => typeof id === 'string'));
  }

  async function lastOrders(showId: string): Promise<Map<string, LastOrder>> {
    const last = new Map<string, LastOrder>();
    const range = { $gte: shelfOf(showId, ''), $lt: shelfOf(showId, '~') };
    for await (const document of orders.documents.find({ shelf: range })) {
      // One that cannot be read is found where it is compared with its copy.
      const { data: order } = Order.safeParse(plain(document));
      const refunds = order ? refundsIn(OrderSnapshot.parse(snapshot(order)), '') : new Map<string, UnitRefund>();
      for (const { id, attempt, price, offeredAt, ended } of order?.tickets ?? []) {
        if (!order || attempt <= (last.get(id)?.attempt ?? 0)) continue;
        const isOnOffer = order.status === 'complete' && offeredAt !== null && ended === null;
        const state = isOnOffer ? 'offered' : stateOf[order.status];
        const { refundedAt = null, partRefund } = refunds.get(id) ?? {};
        const partRefunded = partRefund?.amount ?? 0;
        const owned = { orderId: order.id, attempt, state, price, refundedAt, partRefunded };
        last.set(id, { attempt, owned, waits: waiting(document) });
      }
    }
    return last;
  }
}

const stateOf = { created: 'live', 'awaiting:payment': 'live', complete: 'sold', cancelled: 'free' } as const;

function paired(id: string, held: Fields | null, last: LastOrder | undefined): Pair {
  return { id, held, owned: last?.owned ?? null, waits: last?.waits ?? false };
}

/** A ticket that was taken off sale is as free as one that nobody may buy can be. */
function heldBy({ state, hold, resale }: Stored): Fields | null {
  const known: UnitHold | null = resale ?? hold ?? null;
  const shown = state === 'removed' ? 'free' : state;
  if (!known) return shown === 'free' ? null : { state };
  const { orderId, attempt, price, refundedAt, partRefund } = known;
  return { orderId, attempt, state: shown, price, refundedAt, partRefunded: partRefund?.amount ?? 0 };
}
