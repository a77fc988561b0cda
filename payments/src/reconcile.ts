import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { askedGauge } from '@box-office/common/telemetry/asked-gauge';
import type { Logger } from 'pino';
import type { Settle } from './hint.ts';
import type { FollowMissedEvents } from './missed-events.ts';
import type { Payment } from './payment.ts';

/** Concurrent requests: Stripe allows a hundred per second, and most of those belong to waiting buyers. */
const atOnce = 4;

/** Payments for which something remains to be done at Stripe. */
const open = {
  $or: [
    { status: { $in: ['pending', 'authorized'] } },
    { status: 'captured', refundWanted: true },
    { status: 'captured', 'partRefunds.made': false },
  ],
};

export interface ReconcileOptions {
  readonly now: () => Date;
  readonly everyMs: number;
  /** How long a payment may stay open before it is reconciled. */
  readonly afterMs: number;
  readonly logger: Logger;
}

/**
 * Settles payments that have been open for too long because a webhook was lost or a process died between two steps.
 * Closed payments are not checked one by one: what happens to their money later is in Stripe's list of events.
 */
export function reconcile(
  payments: Aggregates<Payment>,
  settle: Settle,
  followMissedEvents: FollowMissedEvents,
  { now, everyMs, afterMs, logger }: ReconcileOptions,
): { stop(): Promise<void> } {
  // Settling may be interrupted at any point, and a call to Stripe may take half a minute to time out.
  return repeat({ name: 'reconciliation with Stripe', everyMs, logger }, async (signal) => {
    const since = { $lt: new Date(now().getTime() - afterMs).toISOString() };
    const waiting = payments.each({ ...open, since, $nor: [{ 'postponed.retryAt': { $gt: now().toISOString() } }] });
    await Promise.all(Array.from({ length: atOnce }, () => settleEach(waiting, signal)));
    if (!signal.aborted) await followMissedEvents(signal);
  });

  /** Several of these share one iterator, which hands each payment to one of them. */
  async function settleEach(waiting: AsyncIterable<Payment>, signal: AbortSignal): Promise<void> {
    for await (const { id } of waiting) {
      if (signal.aborted) return;
      // Already logged by settle; the next round tries again.
      await settle(id).catch(() => {});
    }
  }
}

/** The metric `payments_open_oldest_age_seconds`: left out while the database does not answer. */
export function openPaymentsMetric(
  payments: Aggregates<Payment>,
  { now, metrics }: Pick<BaseParts, 'now' | 'metrics'>,
): void {
  askedGauge({
    name: 'payments_open_oldest_age_seconds',
    help: 'Age of the oldest payment for which something remains to be done at Stripe; 0 if there is none',
    metrics,
    async ask() {
      const [oldest] = await payments.query(open, { sort: { since: 1 }, limit: 1 });
      return [{ value: oldest ? Math.max(now().getTime() - Date.parse(oldest.since), 0) / 1_000 : 0 }];
    },
  });
}
