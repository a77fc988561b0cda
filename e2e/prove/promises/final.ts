import { isOnOffer, type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { Evidence } from '../evidence.ts';
import { orderHistories } from '../order-histories.ts';
import { engines, serviceOf } from '../plan.ts';
import { nobodyThere, overlap } from './stretches.ts';
import { timesOf, type Verdict, verdict } from './verdict.ts';

/**
 * How late an order may end, in ms after its deadline, not counting the time in which nothing could end it: an engine
 * was down, or every replica of a service that takes part.
 */
const lateAtMostMs = 60_000;

/** An order that was paid ends when its payment is captured or refused. */
const endsOrders: readonly string[] = [...engines, 'orders', 'payments'];

export function final({ orders, tickets, units, announcements, away, replicas }: Evidence): Verdict {
  return verdict(
    'I5',
    'every order has ended in time and for good, and its ticket is sold or on sale again',
    (violated) => {
      const cancelled = timesOf(announcements, 'order.cancelled');
      const completed = timesOf(announcements, 'order.completed');
      const ended = new Map([...cancelled, ...completed]);
      const takingPart = away.filter(({ name }) => endsOrders.includes(serviceOf(name)));
      const unable = nobodyThere(takingPart, replicas);
      for (const order of orders) {
        if (cancelled.has(order.id) && order.status !== 'cancelled')
          violated(`order ${order.id} was announced as cancelled, and is ${order.status}`);
        if (completed.has(order.id) && order.status !== 'complete')
          violated(`order ${order.id} was announced as complete, and is ${order.status}`);
        if (!isFinal(order)) violated(`order ${order.id} is still ${order.status}`);
        const deadlineMs = Date.parse(order.expiresAt);
        const endedMs = ended.get(order.id) ?? 0;
        const lateMs = endedMs - deadlineMs;
        const awayMs = overlap(unable, deadlineMs, endedMs);
        if (lateMs - awayMs > lateAtMostMs) {
          violated(
            `order ${order.id} ended ${lateMs} ms after its deadline, ${awayMs} ms of it with nothing to end it`,
          );
        }
        if (order.reason === 'expired' && lateMs < 0 && ended.has(order.id)) {
          violated(`order ${order.id} expired ${-lateMs} ms before its deadline`);
        }
      }
      for (const it of [...revived(announcements), ...wrongTickets(orders, tickets), ...wrongUnits(orders, units)])
        violated(it);
      return orders.length + tickets.length + units.length;
    },
  );
}

/** Orders that had ended and went on, even if they have ended again since. */
function revived(announcements: Evidence['announcements']): string[] {
  return [...orderHistories(announcements)].flatMap(([id, stays]) => {
    const states = stays.map(({ order }) => order);
    const end = states.find(isFinal);
    const later = end && states.slice(states.indexOf(end)).find(({ status }) => status !== end.status);
    return later ? [`order ${id} was ${end.status}, and ${later.status} after that`] : [];
  });
}

/** Single tickets that are not what their holder, or the last who tried to buy them, says. */
function wrongTickets(orders: readonly Order[], tickets: readonly Ticket[]): string[] {
  const last = new Map(orders.toSorted((a, b) => a.attempt - b.attempt).map((order) => [order.ticket.id, order]));
  const holders = new Map(orders.filter((order) => heldIn(order, order.ticket.id)).map((it) => [it.ticket.id, it]));
  return tickets.flatMap(({ id, state, orderId, offered = false }) => {
    const holder = holders.get(id);
    const order = holder ?? last.get(id);
    const faults: string[] = [];
    if (!(holder ? ['sold'] : ['on-sale', 'withdrawn']).includes(state)) {
      faults.push(`ticket ${id} is ${state}, and its last order ${order?.id} ${order?.status ?? 'not there'}`);
    }
    if (state === 'sold' && orderId !== order?.id) {
      faults.push(`ticket ${id} is sold to order ${orderId}, and the order that bought it is ${order?.id}`);
    }
    const isOffered = holder !== undefined && ticketsOf(holder).some(isOnOffer);
    if (offered !== isOffered)
      faults.push(`ticket ${id} is ${offered ? '' : 'not '}on offer, unlike order ${order?.id}`);
    return faults;
  });
}

function wrongUnits(orders: readonly Order[], units: Evidence['units']): string[] {
  const holders = new Map(orders.map((order) => [order.id, order]));
  return units.flatMap(({ id, state, hold }) => {
    const holder = holders.get(hold?.orderId ?? '');
    const ordered = holder?.status === 'complete' ? ticketsOf(holder).find((it) => it.id === id) : undefined;
    const due = ordered ? (isOnOffer(ordered) ? 'offered' : 'sold') : 'free';
    return state === due
      ? []
      : [`ticket ${id} is ${state}, not ${due}; its last order ${holder?.id} ${holder?.status}`];
  });
}

/** Whether an order is complete and the ticket still its buyer's. */
const heldIn = (order: Order, ticketId: string): boolean =>
  order.status === 'complete' && ticketsOf(order).some(({ id, ended }) => id === ticketId && ended === undefined);

const isFinal = ({ status }: { readonly status: string }) => status === 'complete' || status === 'cancelled';
