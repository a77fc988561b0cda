import type { Aggregates } from '@box-office/common/messaging/store';
import { repeat } from '@box-office/common/repeat';
import type { Logger } from 'pino';
import type { Payment } from './payment.ts';
import type { Settle } from './settle.ts';

export interface ReconcileOptions {
  readonly now: () => Date;
  readonly everyMs: number;
  /** How long a payment may stay open before it is looked after. */
  readonly afterMs: number;
  readonly logger: Logger;
}

/** Looks after payments that have been open too long: a webhook was lost, or a process died between two steps. */
export function reconcile(
  payments: Aggregates<Payment>,
  settle: Settle,
  { now, everyMs, afterMs, logger }: ReconcileOptions,
): { stop(): Promise<void> } {
  return repeat({ name: 'reconciliation with Stripe', everyMs, logger }, async (signal) => {
    const since = { $lt: new Date(now().getTime() - afterMs).toISOString() };
    const open = await payments.query({ status: { $in: ['pending', 'authorized'] }, since }, { limit: 500 });
    for (const { id } of open) {
      if (signal.aborted) return;
      await settle(id).catch((error) => logger.warn({ err: error, orderId: id }, 'could not settle a payment yet'));
    }
  });
}
