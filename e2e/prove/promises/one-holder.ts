import { ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { idsOf, timesOf, type Verdict, verdict } from './verdict.ts';

export function oneHolder({ orders, announcements }: Evidence): Verdict {
  return verdict('I1', 'never two live orders for one ticket', (violated) => {
    const made = timesOf(announcements, 'order.created');
    const ended = timesOf(announcements, 'order.cancelled');
    const held = orders.flatMap((order) =>
      ticketsOf(order).map((ticket) => ({ ...order, ticketId: ticket.id, attempt: ticket.attempt })),
    );
    const byTicket = Map.groupBy(held, ({ ticketId }) => ticketId);
    for (const [ticketId, all] of byTicket) {
      const attempts = all.toSorted((a, b) => a.attempt - b.attempt);
      const live = attempts.filter(({ status }) => status !== 'cancelled');
      if (live.length > 1) violated(`ticket ${ticketId} is held by orders ${idsOf(live)}`);
      for (const [place, order] of attempts.entries()) {
        if (order.attempt !== place + 1)
          violated(`order ${order.id} is attempt ${order.attempt} where ${place + 1} was due`);
        const before = attempts[place - 1];
        if (!before) continue;
        const endedAt = ended.get(before.id);
        const madeAt = made.get(order.id);
        // Both come from one machine's clock, read before each write: the earlier order's end was written before the
        // later one was decided.
        if (endedAt !== undefined && madeAt !== undefined && madeAt < endedAt - clockGrainMs) {
          violated(
            `order ${order.id} for ticket ${ticketId} was made ${endedAt - madeAt} ms before ${before.id} had ended`,
          );
        }
      }
    }
    return byTicket.size;
  });
}

/** Two processes read the clock at different points of their work. */
const clockGrainMs = 50;
