import type { Job } from '@box-office/common/announcing-service';
import { PaymentCaptured } from '@box-office/common/contracts/payments';
import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isStoreAway } from '@box-office/common/store/mongo';
import { observed } from '@box-office/common/store/observed';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Mismatch, mismatch, mismatches } from './mismatch.ts';
import type { PayableOrders } from './payable-order.ts';
import type { Payment } from './payment.ts';

export interface BalanceOptions extends Pick<BaseParts, 'now' | 'metrics' | 'logger'> {
  readonly everyMs: number;
}

/** Until then the other side may not have heard of it. */
const settledAfterMs = 600_000;
/** How far a process that has just started looks back. */
const windowMs = 24 * 3_600_000;
const pageSize = 500;

/**
 * Compares each payment once with its order, ten minutes after it has ended, and again until they agree. The metric
 * `payments_unbalanced` counts those that do not, and the log names them.
 */
export function watchBalance(
  payments: Aggregates<Payment>,
  orders: PayableOrders,
  { now, metrics, logger, everyMs }: BalanceOptions,
): () => Job {
  /** Those to be compared again: `unknown` if that was not possible so far. */
  const unbalanced = new Map<string, Mismatch | 'unknown'>();
  const gauge = new Gauge({
    name: 'payments_unbalanced',
    help: 'Payments that ended more than ten minutes ago and do not fit their orders, by how',
    labelNames: ['what'],
    registers: [metrics],
  });
  const tell = () => {
    for (const what of mismatches) gauge.set({ what }, [...unbalanced.values()].filter((it) => it === what).length);
  };
  tell();
  const seen = { captured: longAgo(), failed: longAgo(), voided: longAgo() };
  const round = async (signal: AbortSignal): Promise<void> => {
    for (const id of [...unbalanced.keys()]) await compare(id, () => payments.find(id));
    const until = new Date(now().getTime() - settledAfterMs).toISOString();
    for (const status of ['captured', 'failed', 'voided'] as const) {
      while (seen[status] < until && !signal.aborted) {
        const since = { $gte: seen[status], $lt: until };
        const page = await payments.query({ status, since }, { sort: { since: 1 }, limit: pageSize });
        for (const payment of page) await compare(payment.id, async () => payment);
        const last = page.at(-1)?.since;
        seen[status] = page.length === pageSize && last && last > seen[status] ? last : until;
      }
    }
    tell();
  };
  return () => repeat({ name: 'comparison of payments with orders', everyMs, logger }, round);

  function longAgo(): string {
    return new Date(now().getTime() - windowMs).toISOString();
  }

  /** One that cannot be read does not keep the others from being compared. */
  async function compare(id: string, find: () => Promise<Payment | null>): Promise<void> {
    try {
      const payment = await find();
      if (payment) note(id, mismatch(payment, await orders.find(id)));
    } catch (error) {
      if (isStoreAway(error)) throw error;
      logger.error({ err: error, orderId: id }, 'could not compare a payment with its order');
      if (!unbalanced.has(id)) unbalanced.set(id, 'unknown');
    }
  }

  function note(id: string, what: Mismatch | undefined): void {
    if (what && unbalanced.get(id) !== what) logger.error({ orderId: id, what }, 'money does not balance');
    if (what) unbalanced.set(id, what);
    else unbalanced.delete(id);
  }
}

/** The same payments; `payments_money_total` counts the money that this process sees taken and given back. */
export function countingMoney(payments: Aggregates<Payment>, metrics: Registry): Aggregates<Payment> {
  const money = new Counter({
    name: 'payments_money_total',
    help: 'Money captured and refunded, in the smallest unit of its currency',
    labelNames: ['movement', 'currency'],
    registers: [metrics],
  });
  return observed(payments, ({ next, announce }, before) => {
    const { amount, currency } = next;
    const refunded = next.refunded - (before?.refunded ?? 0);
    if (announce.includes(PaymentCaptured)) money.inc({ movement: 'captured', currency }, amount);
    if (refunded > 0) money.inc({ movement: 'refunded', currency }, refunded);
  });
}
