import type { Order } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import type { Away } from '../faults.ts';
import { timesOf, type Verdict, verdict } from './verdict.ts';

/**
 * How late an order may end, in ms after its deadline, not counting outages of the broker or the database, when nothing
 * can end it.
 */
const lateAtMostMs = 60_000;

export function final({ orders, tickets, units, announcements, away }: Evidence): Verdict {
  return verdict(
    'I5',
    'every order has ended in time and for good, and its ticket is sold or on sale again',
    (violated) => {
      const cancelled = timesOf(announcements, 'order.cancelled');
      const completed = timesOf(announcements, 'order.completed');
      const ended = new Map([...cancelled, ...completed]);
      for (const order of orders) {
        if (cancelled.has(order.id) && order.status !== 'cancelled')
          violated(`order ${order.id} was announced as cancelled, and is ${order.status}`);
        if (completed.has(order.id) && order.status !== 'complete')
          violated(`order ${order.id} was announced as complete, and is ${order.status}`);
        if (!isFinal(order)) violated(`order ${order.id} is still ${order.status}`);
        const deadlineMs = Date.parse(order.expiresAt);
        const endedMs = ended.get(order.id) ?? 0;
        const lateMs = endedMs - deadlineMs;
        const awayMs = overlap(away, deadlineMs, endedMs);
        if (lateMs - awayMs > lateAtMostMs) {
          violated(`order ${order.id} ended ${lateMs} ms after its deadline, ${awayMs} ms of it with an engine down`);
        }
        if (order.reason === 'expired' && lateMs < 0 && ended.has(order.id)) {
          violated(`order ${order.id} expired ${-lateMs} ms before its deadline`);
        }
      }
      const last = new Map(orders.toSorted((a, b) => a.attempt - b.attempt).map((order) => [order.ticket.id, order]));
      for (const ticket of tickets) {
        const order = last.get(ticket.id);
        const due = order?.status === 'complete' ? ['sold'] : ['on-sale', 'withdrawn'];
        if (!due.includes(ticket.state)) {
          violated(
            `ticket ${ticket.id} is ${ticket.state}, and its last order ${order?.id} ${order?.status ?? 'not there'}`,
          );
        }
        if (ticket.state === 'sold' && ticket.orderId !== order?.id) {
          violated(
            `ticket ${ticket.id} is sold to order ${ticket.orderId}, and the order that bought it is ${order?.id}`,
          );
        }
      }
      const holders = new Map(orders.map((order) => [order.id, order]));
      for (const { id, state, hold } of units) {
        const holder = holders.get(hold?.orderId ?? '');
        const due = holder?.status === 'complete' ? 'sold' : 'free';
        if (state !== due) violated(`ticket ${id} is ${state}, and its last order ${holder?.id} ${holder?.status}`);
      }
      return orders.length + tickets.length + units.length;
    },
  );
}

/** How much of a period is covered by others, which may overlap. */
function overlap(stretches: readonly Away[], fromMs: number, toMs: number): number {
  let covered = 0;
  let upToMs = fromMs;
  for (const it of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const [begin, end] = [Math.max(it.fromMs, upToMs), Math.min(it.toMs, toMs)];
    if (end <= begin) continue;
    covered += end - begin;
    upToMs = end;
  }
  return covered;
}

const isFinal = ({ status }: Order) => status === 'complete' || status === 'cancelled';
