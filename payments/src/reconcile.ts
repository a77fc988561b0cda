import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates, Index, StoredAggregate } from '@box-office/common/store/aggregates';
import { askedGauge } from '@box-office/common/telemetry/asked-gauge';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { Settle } from './hint.ts';
import type { FollowMissedEvents } from './missed-events.ts';
import type { Payment } from './payment.ts';
import { isPostponed } from './postponed.ts';

/** Concurrent requests of each kind: Stripe allows a hundred per second, and most of those belong to waiting buyers. */
const atOnce = 4;

/** Payments whose money has not been taken yet. An authorization expires, and a buyer may be waiting. */
const unpaid = { status: { $in: ['pending', 'authorized'] } };
/** Captured payments that are to be refunded, which are many when a show is cancelled. */
export const refunds = [
  { status: 'captured', refundWanted: true },
  { status: 'captured', 'partRefunds.made': false },
];

/** One for each of these queries, so that none of them reads the captured payments of years with which all is done. */
export const openIndexes: readonly Index[] = [
  { keys: { status: 1, since: 1 } },
  { keys: { status: 1, refundWanted: 1, since: 1 } },
  { keys: { status: 1, 'partRefunds.made': 1, since: 1 } },
];

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
  // Each by itself: thousands of refunds delay neither a payment that can expire nor the news of Stripe's events.
  const jobs = [
    repeat({ name: 'reconciliation of unpaid payments', everyMs, logger }, (signal) => settleAll(unpaid, signal)),
    repeat({ name: 'reconciliation of refunds', everyMs, logger }, async (signal) => {
      for (const which of refunds) await settleAll(which, signal);
    }),
    repeat({ name: 'look for missed events', everyMs, logger }, followMissedEvents),
  ];
  return {
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };

  /** Settling may be interrupted at any point, and a call to Stripe may take half a minute to time out. */
  async function settleAll(which: mongo.Filter<StoredAggregate>, signal: AbortSignal): Promise<void> {
    const since = { $lt: new Date(now().getTime() - afterMs).toISOString() };
    const waiting = payments.each({ ...which, since });
    await Promise.all(Array.from({ length: atOnce }, () => settleEach(waiting, signal)));
  }

  /** Several of these share one iterator, which hands each payment to one of them. */
  async function settleEach(waiting: AsyncIterable<Payment>, signal: AbortSignal): Promise<void> {
    for await (const payment of waiting) {
      if (signal.aborted) return;
      // Not a part of the query, because SecantusDB would then read all payments.
      if (isPostponed(payment, now())) continue;
      // Already logged by settle; the next round tries again.
      await settle(payment.id).catch(() => {});
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
      const open = [unpaid, ...refunds];
      const oldest = await Promise.all(open.map((which) => payments.query(which, { sort: { since: 1 }, limit: 1 })));
      const ages = oldest.flat().map(({ since }) => now().getTime() - Date.parse(since));
      return [{ value: Math.max(...ages, 0) / 1_000 }];
    },
  });
}
