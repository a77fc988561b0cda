import { CancelReason, OrderCancelled, OrderCompleted } from '@box-office/common/contracts/orders';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { observed } from '@box-office/common/store/observed';
import { askedGauge } from '@box-office/common/telemetry/asked-gauge';
import { Counter, type Registry } from 'prom-client';
import type { Order } from './order.ts';

/** The same orders; `orders_ended_total` counts how those end that this process ends. */
export function countingEnds(orders: Aggregates<Order>, metrics: Registry): Aggregates<Order> {
  const ended = new Counter({
    name: 'orders_ended_total',
    help: 'Orders that have ended, by how: complete, or why they were cancelled',
    labelNames: ['how'],
    registers: [metrics],
  });
  // Otherwise the first sale would not count as an increase.
  for (const how of ['complete', ...CancelReason.options]) ended.inc({ how }, 0);
  return observed(orders, ({ next, announce }) => {
    if (announce.includes(OrderCompleted)) ended.inc({ how: 'complete' });
    if (announce.includes(OrderCancelled)) ended.inc({ how: next.reason ?? 'unknown' });
  });
}

/** The metric `orders_overdue_oldest_age_seconds`: left out while the database does not answer. */
export function overdueOrdersMetric(orders: Aggregates<Order>, { now, metrics }: Pick<BaseParts, 'now' | 'metrics'>) {
  askedGauge({
    name: 'orders_overdue_oldest_age_seconds',
    help: 'How long ago the time of an order was up that has not ended, at most; 0 if there is none',
    metrics,
    async ask() {
      const waiting = (['created', 'awaiting:payment'] as const).map((status) =>
        orders.query({ status, expiresAt: { $lt: now().toISOString() } }, { sort: { expiresAt: 1 }, limit: 1 }),
      );
      const oldest = (await Promise.all(waiting)).flat();
      const ages = oldest.map(({ expiresAt }) => now().getTime() - Date.parse(expiresAt));
      return [{ value: Math.max(0, ...ages) / 1_000 }];
    },
  });
}
