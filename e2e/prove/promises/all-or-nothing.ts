import { NewOrder, type Order, type OrderedTicket, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/** An order for a show was made with exactly what was asked for, and has all of its tickets or none. */
export function allOrNothing({ orders, units, commands }: Evidence): Verdict {
  return verdict('I12', 'an order has all the tickets it asked for, or none, and free ones at once', (violated) => {
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    let checked = 0;
    for (const { method, path, body, answer } of commands) {
      if (method !== 'POST' || path !== '/api/orders' || answer?.status !== 201) continue;
      const order = orderOf.get((answer.body as { id: string }).id);
      const fault = order && unlike(order, NewOrder.parse(body));
      if (fault) violated(`order ${order.id} for ${JSON.stringify(body)} ${fault}`);
      checked++;
    }
    const heldBy = Map.groupBy(units, ({ hold }) => hold?.orderId ?? '');
    // Of a ticket, the highest attempt by which it was bought.
    const bought = new Map<string, number>();
    for (const order of orders.filter(({ status }) => status === 'complete'))
      for (const { id, attempt } of ticketsOf(order)) bought.set(id, Math.max(attempt, bought.get(id) ?? 0));
    // A show may be cancelled while somebody is buying a ticket that is on offer: it is theirs, and both are refunded.
    const isKept = ({ id, attempt, ended }: OrderedTicket) =>
      ended === 'show-cancelled' ? attempt === bought.get(id) : ended !== 'resold';
    for (const order of orders.filter(({ showId }) => showId !== undefined)) {
      const sold = (heldBy.get(order.id) ?? []).filter(({ state }) => state === 'sold' || state === 'offered').length;
      const due = order.status === 'complete' ? ticketsOf(order).filter(isKept).length : 0;
      if (sold !== due) violated(`order ${order.id} is ${order.status} and has ${sold} of ${ticketsOf(order).length}`);
      if (totalOf(order) === 0 && order.status !== 'complete')
        violated(`order ${order.id} is free, and ${order.status}`);
      const sum = ticketsOf(order).reduce((total, { price }) => total + price, 0);
      if (sum !== totalOf(order)) violated(`order ${order.id} costs ${totalOf(order)}, and its tickets ${sum}`);
      checked++;
    }
    return checked;
  });
}

/** How an order differs from what was asked for. */
function unlike(order: Order, { ticketId, lines = [], seats }: NewOrder): string | undefined {
  const tickets = ticketsOf(order);
  if (ticketId !== undefined) return tickets.length === 1 && tickets[0]?.id === ticketId ? undefined : 'has another';
  if (seats) {
    const got = new Set(tickets.map(({ id }) => id));
    const whole = got.size === seats.length && seats.every((id) => got.has(id));
    return whole ? undefined : `has the seats ${[...got].join(', ')}`;
  }
  const got = Map.groupBy(tickets, ({ kindId }) => kindId);
  const wanted = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const whole = tickets.length === wanted && lines.every((it) => got.get(it.kindId)?.length === it.quantity);
  return whole ? undefined : `has ${tickets.length} tickets of ${got.size} kinds`;
}
