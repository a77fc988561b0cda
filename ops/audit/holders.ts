import { publicVersion, versionFields } from '@box-office/common/store/stored-version';
import { claimOf } from '@box-office/orders/lookup';
import { Order, type StoredTicket } from '@box-office/orders/order';
import { firstAttempt } from '@box-office/orders/resale/resale';
import type { Books } from './books.ts';
import { type Fields, type Pair, pages, plain, type Stored, type View, waiting } from './view.ts';

/** How many later attempts are looked for at a time. */
const ahead = 50;

/**
 * Who has tickets that were sold on. Several complete orders may have had a ticket, but it has ended for all of them
 * except the last. So each complete order is compared with those that have had its tickets at other attempts.
 */
export function holderView({ orders }: Books): View {
  return {
    name: 'orders’ tickets that were sold on',
    holder: 'orders',
    owner: 'orders',
    money: false,

    async *pairs(ids) {
      for await (const page of pages(orders.documents, ids)) {
        for (const document of page.filter(({ status }) => status === 'complete')) {
          // One that cannot be read is found where it is compared with its copy.
          const { data: order } = Order.safeParse(plain(document));
          const pair = order && (await paired(order, document));
          if (pair) yield pair;
        }
      }
    },

    async repair({ id, held }) {
      if (held?.lost) throw new Error('nobody has what it has sold on');
      const order = await orders.documents.findOne({ _id: id });
      if (!order) return;
      // Orders' sweep then ends the tickets of those who had them before.
      const { version } = order;
      const $set = { settled: false, unsettled: new Date(0).toISOString() };
      const written = versionFields(version + 1, Number(publicVersion(order)));
      await orders.documents.updateOne({ _id: id, version }, { $set: { ...$set, ...written } });
    },
  };

  async function paired(order: Order, document: Stored): Promise<Pair | undefined> {
    const bought = (order.tickets ?? []).filter((ticket) => firstAttempt(ticket) > 1);
    const soldOn = (order.tickets ?? []).filter(({ ended }) => ended === 'resold');
    if (bought.length === 0 && soldOn.length === 0) return undefined;
    const others: string[] = [];
    const lost: string[] = [];
    for (const ticket of bought) others.push(...(await holdersBefore(ticket)));
    for (const ticket of soldOn) if (!(await isSoldAgain(ticket))) lost.push(ticket.id);
    const waits = waiting(document) || typeof document.unsettled === 'string';
    const says = [
      ...others.map((id) => `Order ${id} still has a ticket of it.`),
      ...lost.map((id) => `Ticket ${id} is sold on, and no later order has it.`),
    ];
    const held: Fields = {
      ...(others.length > 0 && { holders: [...others, order.id] }),
      ...(lost.length > 0 && { lost }),
    };
    const owned: Fields = { ...(others.length > 0 && { holders: [order.id] }) };
    return { id: order.id, held, owned, waits, says };
  }

  /** The complete orders that had a ticket before, and have it still. */
  async function holdersBefore(ticket: StoredTicket): Promise<string[]> {
    const before = Array.from({ length: firstAttempt(ticket) - 1 }, (_, index) => index + 1);
    const found = await ordersWith(ticket.id, before);
    return found
      .filter(({ status, tickets }) => status === 'complete' && !endOf(tickets, ticket.id))
      .map(({ _id }) => _id);
  }

  async function isSoldAgain({ id, attempt }: StoredTicket): Promise<boolean> {
    for (let from = attempt + 1; ; from += ahead) {
      const found = await ordersWith(
        id,
        Array.from({ length: ahead }, (_, index) => from + index),
      );
      if (found.some(({ status }) => status === 'complete')) return true;
      if (found.length === 0) return false;
    }
  }

  function ordersWith(id: string, attempts: readonly number[]): Promise<Stored[]> {
    const claims = attempts.map((attempt) => claimOf({ id, attempt }));
    return orders.documents.find({ claims: { $in: claims } }).toArray();
  }
}

/** Why a ticket is its buyer's no longer; orders of earlier releases have no list, and all of theirs. */
function endOf(tickets: unknown, id: string): unknown {
  if (!Array.isArray(tickets)) return undefined;
  return tickets.find((ticket) => ticket.id === id)?.ended;
}
