import { repeat } from '@box-office/common/repeat';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import { expire, type Order } from './order.ts';

/** How long after the deadline an order counts as forgotten by its timer. */
const graceMs = 2_000;

/** The second line behind the timers: a lost one delays a release and never prevents it. */
export function sweepExpired(
  orders: Aggregates<Order>,
  { now, everyMs, logger }: { now: () => Date; everyMs: number; logger: Logger },
): { stop(): Promise<void> } {
  return repeat({ name: 'sweep of expired orders', everyMs, logger }, async () => {
    const overdue = new Date(now().getTime() - graceMs).toISOString();
    for (const { id } of await orders.query({ status: 'created', expiresAt: { $lt: overdue } }, { limit: 500 })) {
      await orders.change(id, (order) => expire(order, now()));
      logger.info({ orderId: id }, 'an order’s timer was lost; its time was up');
    }
  });
}
