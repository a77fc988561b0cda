import { repeat } from '@box-office/common/repeat';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isStoreAway } from '@box-office/common/store/mongo';
import { inTrace } from '@box-office/common/telemetry/span';
import type { Logger } from 'pino';
import { expire, type Order } from './order.ts';

/** How long after the deadline an order's timer counts as lost. */
const graceMs = 2_000;

export interface SweepOptions {
  readonly now: () => Date;
  readonly everyMs: number;
  readonly logger: Logger;
}

/** The fallback behind the timers: a lost timer delays the release of a ticket but never prevents it. */
export function sweepExpired(
  orders: Aggregates<Order>,
  { now, everyMs, logger }: SweepOptions,
): { stop(): Promise<void> } {
  return repeat({ name: 'sweep of expired orders', everyMs, logger }, async (signal) => {
    const overdue = new Date(now().getTime() - graceMs).toISOString();
    for await (const { id, traceparent } of orders.each({ status: 'created', expiresAt: { $lt: overdue } })) {
      if (signal.aborted) return;
      await inTrace('expire an order', traceparent, () => expireOne(id));
    }
  });

  /** An order that cannot be expired does not block the others. */
  async function expireOne(id: string): Promise<void> {
    try {
      await orders.change(id, (order) => expire(order, now()));
      logger.info({ orderId: id }, 'expired an order whose timer was lost');
    } catch (error) {
      if (isStoreAway(error)) throw error;
      logger.error({ err: error, orderId: id }, 'could not expire an order whose time is up');
    }
  }
}

/** Settles orders whose process died between completing or cancelling them and telling those who had their tickets. */
export function sweepUnsettled(
  orders: Aggregates<Order>,
  settle: (order: Order) => Promise<void>,
  { now, everyMs, logger }: SweepOptions,
): { stop(): Promise<void> } {
  return repeat({ name: 'sweep of unsettled orders', everyMs, logger }, async (signal) => {
    const overdue = new Date(now().getTime() - graceMs).toISOString();
    for await (const order of orders.each({ unsettled: { $lt: overdue } })) {
      if (signal.aborted) return;
      await inTrace('settle an order', order.traceparent, () => settle(order));
    }
  });
}
