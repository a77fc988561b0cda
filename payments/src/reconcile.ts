import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { askedGauge } from '@box-office/common/telemetry/asked-gauge';
import type { Logger } from 'pino';
import type { FollowMissedEvents } from './missed-events.ts';
import type { Payment } from './payment.ts';
import type { Settle } from './settle.ts';

/** How many are asked about at once: Stripe allows a hundred requests a second, most of which belong to buyers who wait. */
const atOnce = 4;

/** Payments that have something left to be done at Stripe. */
const open = { $or: [{ status: { $in: ['pending', 'authorized'] } }, { status: 'captured', refundWanted: true }] };

export interface ReconcileOptions {
  readonly now: () => Date;
  readonly everyMs: number;
  /** How long a payment may stay open before it is looked after. */
  readonly afterMs: number;
  readonly logger: Logger;
}

/**
 * Looks after every payment that has had something left to be done for too long: a webhook was lost, or a process died between two steps.
 * Payments that are over are not asked about one by one: what happens to their money later, Stripe's own list of events says.
 */
export function reconcile(
  payments: Aggregates<Payment>,
  settle: Settle,
  followMissedEvents: FollowMissedEvents,
  { now, everyMs, afterMs, logger }: ReconcileOptions,
): { stop(): Promise<void> } {
  const rounds = repeat({ name: 'reconciliation with Stripe', everyMs, logger }, async (signal) => {
    const since = { $lt: new Date(now().getTime() - afterMs).toISOString() };
    const waiting = payments.each({ ...open, since });
    await Promise.all(Array.from({ length: atOnce }, () => settleEach(waiting, signal)));
    if (!signal.aborted) await followMissedEvents(signal);
  });
  // What it has in hand may be dropped at any moment, and Stripe may take half a minute not to answer.
  return { stop: rounds.stop };

  /** Several of these share one list, which hands each payment to one of them. */
  async function settleEach(waiting: AsyncIterable<Payment>, signal: AbortSignal): Promise<void> {
    for await (const { id } of waiting) {
      if (signal.aborted) return;
      // It has been logged, and comes again with the next round.
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
    help: 'How long the payment that has waited longest has had something left to be done at Stripe; 0 when none waits',
    metrics,
    async ask() {
      const [oldest] = await payments.query(open, { sort: { since: 1 }, limit: 1 });
      return [{ value: oldest ? Math.max(now().getTime() - Date.parse(oldest.since), 0) / 1_000 : 0 }];
    },
  });
}
